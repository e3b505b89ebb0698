/** What must hold of a body before its JSON is looked at: its type, its size and its encoding, each a middleware. */
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'

const MAX_BODY_BYTES = 16 * 1024
const JSON_TYPE = /^application\/json\s*(?:;|$)/i
/** `PATCH` is a merge of what it holds: RFC 7396 has a name for that. */
const MERGE_PATCH_TYPE = /^application\/merge-patch\+json\s*(?:;|$)/i
const CHARSETS = /;\s*charset\s*=\s*"?([^";]*?)"?\s*(?=;|$)/gi
/** ASCII is UTF-8 too. The Encoding standard reads its labels as windows-1252, so it does not tell. */
const ASCII = /^(us-)?ascii$|^ansi_x3\.4-1968$/i

/**
 * Lets JSON in UTF-8 through, by its content type.
 * @throws {ApiError} `unsupported_media_type`
 */
export const requireJsonType = createMiddleware<AppEnv>(async (c, next) => {
  const type = c.req.header('Content-Type') ?? ''
  const isJson = JSON_TYPE.test(type) || (c.req.method === 'PATCH' && MERGE_PATCH_TYPE.test(type))
  if (!isJson) throw new ApiError('unsupported_media_type')
  const [other] = Array.from(type.matchAll(CHARSETS), ([, charset = '']) => charset).filter((c) => !isUtf8(c))
  if (other !== undefined) {
    // A charset is printable ASCII, or it is not repeated.
    const named = /^[\w.:+-]{1,40}$/.test(other) ? ` in UTF-8, not in ${other}` : ' in UTF-8'
    throw new ApiError('unsupported_media_type', { message: `Content-Type must be application/json${named}` })
  }
  await next()
})

const limitBytes = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new ApiError('body_too_large')
  },
})

/**
 * Lets 16 KiB through, counted while they are read where no length is declared.
 * @throws {ApiError} `body_too_large`; `invalid_json` for a body that breaks off
 */
export const limitBodySize = createMiddleware<AppEnv>(async (c, next) => {
  try {
    return await limitBytes(c, next)
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('invalid_json')
  }
})

/**
 * Lets UTF-8 through. Hono's own reading puts U+FFFD in the place of bytes that are none, so that a password with such
 * bytes would pass for others. The body is read here once; Hono keeps it for the validator.
 * @throws {ApiError} `invalid_json`; a body that breaks off is the caller's doing, and no failure of ours
 */
export const requireUtf8 = createMiddleware<AppEnv>(async (c, next) => {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(await c.req.arrayBuffer())
  } catch {
    throw new ApiError('invalid_json')
  }
  await next()
})

/** Whether a label is one of UTF-8 in the Encoding standard, or of ASCII. */
function isUtf8(label: string): boolean {
  if (ASCII.test(label)) return true
  try {
    return new TextDecoder(label).encoding === 'utf-8'
  } catch {
    return false
  }
}
