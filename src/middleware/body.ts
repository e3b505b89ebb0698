/** Checks a body before its JSON is parsed: one middleware each for its type, its size and its encoding. */
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'

const MAX_BODY_BYTES = 16 * 1024
const JSON_TYPE = /^application\/json\s*(?:;|$)/i
/** The type of a `PATCH` that merges its body into the user (RFC 7396). */
const MERGE_PATCH_TYPE = /^application\/merge-patch\+json\s*(?:;|$)/i
const CHARSETS = /;\s*charset\s*=\s*"?([^";]*?)"?\s*(?=;|$)/gi
/** Labels of ASCII, which is UTF-8 too. The Encoding standard maps them to windows-1252, so they are listed here. */
const ASCII = /^(us-)?ascii$|^ansi_x3\.4-1968$/i

/**
 * Lets JSON in UTF-8 through, judged by `Content-Type` alone.
 * @throws {ApiError} `unsupported_media_type`
 */
export const requireJsonType = createMiddleware<AppEnv>(async (c, next) => {
  const type = c.req.header('Content-Type') ?? ''
  const isJson = JSON_TYPE.test(type) || (c.req.method === 'PATCH' && MERGE_PATCH_TYPE.test(type))
  if (!isJson) throw new ApiError('unsupported_media_type')
  const [other] = Array.from(type.matchAll(CHARSETS), ([, charset = '']) => charset).filter((c) => !isUtf8(c))
  if (other !== undefined) {
    // The message repeats the charset only if it looks like the name of one.
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
 * Lets bodies of up to 16 KiB through. Without a declared length, the bytes are counted while they are read.
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
 * Lets UTF-8 through. Hono's own decoder replaces malformed bytes with U+FFFD, so that different passwords would become
 * one. The body is read only once, because Hono keeps it for the validator.
 * @throws {ApiError} `invalid_json`, also for a body that breaks off, which is the caller's fault
 */
export const requireUtf8 = createMiddleware<AppEnv>(async (c, next) => {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(await c.req.arrayBuffer())
  } catch {
    throw new ApiError('invalid_json')
  }
  await next()
})

/** Says whether a label means UTF-8, by the Encoding standard, or ASCII. */
function isUtf8(label: string): boolean {
  if (ASCII.test(label)) return true
  try {
    return new TextDecoder(label).encoding === 'utf-8'
  } catch {
    return false
  }
}
