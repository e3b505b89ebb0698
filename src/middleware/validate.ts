/** The door for request bodies: what a handler receives has the shape of its schema. */
import { zValidator } from '@hono/zod-validator'
import type * as z from 'zod/mini'
import { ApiError, type FieldError } from '../errors.ts'

const MAX_BODY_BYTES = 16 * 1024
const JSON_TYPE = /^application\/json\s*(?:;|$)/i
const OTHER_CHARSET = /;\s*charset\s*=(?!\s*"?utf-8"?\s*(?:;|$))/i

/**
 * Reads a JSON body and checks it against a schema; the handler gets the result of `c.req.valid('json')`.
 * @throws {ApiError} `unsupported_media_type`, `body_too_large`, `invalid_json` or `validation_failed`
 */
export function validateJson<Schema extends z.ZodMiniType>(schema: Schema) {
  const validate = zValidator('json', schema, (result) => {
    if (!result.success) throw new ApiError('validation_failed', { fields: toFieldErrors(result.error.issues) })
  })
  const middleware: typeof validate = async (c, next) => {
    const type = c.req.header('Content-Type') ?? ''
    if (!JSON_TYPE.test(type) || OTHER_CHARSET.test(type)) throw new ApiError('unsupported_media_type')
    const body = await readJson(c.req.raw)
    // What Hono's validator calls; its own reading has no limit and repairs broken UTF-8.
    c.req.json = async () => body
    return validate(c, next)
  }
  return middleware
}

async function readJson({ body }: Request) {
  const bytes = await readBytes(body)
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

/** One entry per field at fault: its first complaint. */
function toFieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  const messages = new Map<string, string>()
  for (const issue of issues) {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0] ?? 'body')]
    for (const field of fields) if (!messages.has(field)) messages.set(field, issue.message)
  }
  return Array.from(messages, ([field, message]) => ({ field, message }))
}
