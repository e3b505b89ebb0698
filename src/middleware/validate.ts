/** The door for request bodies: what a handler receives has the shape of its schema. */
import { zValidator } from '@hono/zod-validator'
import { createMiddleware } from 'hono/factory'
import type * as z from 'zod/mini'
import type { AppEnv } from '../context.ts'
import { ApiError, toFieldErrors } from '../errors.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** The bytes of the request's body, behind `readBody`. */
    body: Uint8Array
  }
}

const MAX_BODY_BYTES = 16 * 1024
const JSON_TYPE = /^application\/json\s*(?:;|$)/i
const OTHER_CHARSET = /;\s*charset\s*=(?!\s*"?utf-8"?\s*(?:;|$))/i

/**
 * Reads a body into `c.var.body`, as far as it may go.
 * @throws {ApiError} `unsupported_media_type` or `body_too_large`
 */
export const readBody = createMiddleware<AppEnv>(async (c, next) => {
  const type = c.req.header('Content-Type') ?? ''
  if (!JSON_TYPE.test(type) || OTHER_CHARSET.test(type)) throw new ApiError('unsupported_media_type')
  c.set('body', await readBytes(c.req.raw.body))
  await next()
})

/**
 * Parses what `readBody` has read and checks it against a schema; the handler gets it from `c.req.valid('json')`.
 * @throws {ApiError} `invalid_json` or `validation_failed`
 */
export function validateJson<Schema extends z.ZodMiniType>(schema: Schema) {
  const validate = zValidator('json', schema, refuseInvalid)
  const middleware: typeof validate = async (c, next) => {
    const body = parseJson(c.get('body'))
    // What Hono's validator calls; its own reading has no limit and repairs broken UTF-8.
    c.req.json = async () => body
    return validate(c, next)
  }
  return middleware
}

/**
 * Checks the query against a schema; the handler gets it from `c.req.valid('query')`. A parameter given twice is a list.
 * @throws {ApiError} `validation_failed`
 */
export function validateQuery<Schema extends z.ZodMiniType>(schema: Schema) {
  return zValidator('query', schema, refuseInvalid)
}

function refuseInvalid(result: { success: boolean; error?: { issues: readonly z.core.$ZodIssue[] } }): void {
  if (result.error) throw new ApiError('validation_failed', { fields: toFieldErrors(result.error.issues) })
}

function parseJson(bytes: Uint8Array) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new ApiError('invalid_json')
  }
}

async function readBytes(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_BODY_BYTES)
  let size = 0
  for await (const chunk of body ?? []) {
    if (size + chunk.byteLength > MAX_BODY_BYTES) throw new ApiError('body_too_large')
    bytes.set(chunk, size)
    size += chunk.byteLength
  }
  return bytes.subarray(0, size)
}
