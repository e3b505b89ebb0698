/** What must hold of a body before its JSON is looked at: its type, its size and its encoding, each a middleware. */
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'

const MAX_BODY_BYTES = 16 * 1024
const JSON_TYPE = /^application\/json\s*(?:;|$)/i
const OTHER_CHARSET = /;\s*charset\s*=(?!\s*"?utf-8"?\s*(?:;|$))/i

/**
 * Lets JSON in UTF-8 through, by its content type.
 * @throws {ApiError} `unsupported_media_type`
 */
export const requireJsonType = createMiddleware<AppEnv>(async (c, next) => {
  const type = c.req.header('Content-Type') ?? ''
  if (!JSON_TYPE.test(type) || OTHER_CHARSET.test(type)) throw new ApiError('unsupported_media_type')
  await next()
})

/**
 * Lets 16 KiB through, counted while they are read where no length is declared.
 * @throws {ApiError} `body_too_large`
 */
export const limitBodySize = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new ApiError('body_too_large')
  },
})

/**
 * Lets UTF-8 through. Hono's own reading puts U+FFFD in the place of bytes that are none, so that a password with such
 * bytes would pass for others. The body is read here once; Hono keeps it for the validator.
 * @throws {ApiError} `invalid_json`
 */
export const requireUtf8 = createMiddleware<AppEnv>(async (c, next) => {
  const bytes = await c.req.arrayBuffer()
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw new ApiError('invalid_json')
  }
  await next()
})
