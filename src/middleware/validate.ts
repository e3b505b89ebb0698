/** The door for request bodies: what a handler receives has the shape of its schema. */
import type { MiddlewareHandler } from 'hono'
import type * as z from 'zod/mini'
import type { AppEnv } from '../context.ts'
import { ApiError, toFieldErrors } from '../errors.ts'
import type { LimitName } from '../services.ts'
import { countCall } from './rate-limit.ts'

const MAX_BODY_BYTES = 16 * 1024
const JSON_TYPE = /^application\/json\s*(?:;|$)/i
const OTHER_CHARSET = /;\s*charset\s*=(?!\s*"?utf-8"?\s*(?:;|$))/i

/**
 * Reads a body and checks it against a schema; the handler gets it from `c.req.valid('json')`.
 * @param limit counts the call by its address, once the body is known to be one that may be read
 * @throws {ApiError} `unsupported_media_type`, `body_too_large`, `too_many_requests`, `invalid_json` or `validation_failed`
 */
export function validateJson<Schema extends z.ZodMiniType<object>>(
  schema: () => Schema,
  limit?: LimitName,
): MiddlewareHandler<AppEnv, string, { in: { json: z.input<Schema> }; out: { json: z.output<Schema> } }> {
  // Not Hono's validator: its own reading has no limit and lets broken UTF-8 pass.
  return async (c, next) => {
    const { raw } = c.req
    // Each look at the property goes into the runtime.
    const { headers } = raw
    requireJson(headers.get('Content-Type') ?? '')
    const body = await readBody(raw, headers.get('Content-Length'))
    if (limit) await countCall(c, limit)
    c.req.addValidatedData('json', check(schema(), parseJson(body)))
    await next()
  }
}

/**
 * Checks the query against a schema; the handler gets it from `c.req.valid('query')`. A parameter given twice is a list.
 * @throws {ApiError} `validation_failed`
 */
export function validateQuery<Schema extends z.ZodMiniType<object>>(
  schema: () => Schema,
): MiddlewareHandler<AppEnv, string, { in: { query: z.input<Schema> }; out: { query: z.output<Schema> } }> {
  return (c, next) => {
    const given = Object.entries(c.req.queries()).map(([name, [value, ...more]]) => [
      name,
      more.length > 0 ? [value, ...more] : value,
    ])
    c.req.addValidatedData('query', check(schema(), Object.fromEntries(given)))
    return next()
  }
}

function requireJson(type: string): void {
  if (type === 'application/json') return
  if (!JSON_TYPE.test(type) || OTHER_CHARSET.test(type)) throw new ApiError('unsupported_media_type')
}

function check<Schema extends z.ZodMiniType<object>>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw new ApiError('validation_failed', { fields: toFieldErrors(result.error.issues) })
  return result.data
}

/**
 * Reads a body as far as it may go. Where a length is declared the runtime holds the body to it, and to read it whole is a
 * fraction of what it costs to read a stream.
 */
function readBody(request: Request, declaredBytes: string | null): Promise<string> {
  if (declaredBytes === null) return readStream(request.body)
  if (Number(declaredBytes) > MAX_BODY_BYTES) throw new ApiError('body_too_large')
  return request.text()
}

/**
 * What stands in a body for bytes that are no UTF-8. One that was sent as such has lost text before it came here; to tell
 * them apart would take the bytes themselves, which cost more to read than all of it as text.
 */
const REPLACEMENT = '\ufffd'

function parseJson(body: string) {
  try {
    if (!body.includes(REPLACEMENT)) return JSON.parse(body)
  } catch {}
  throw new ApiError('invalid_json')
}

async function readStream(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const bytes = new Uint8Array(MAX_BODY_BYTES)
  let size = 0
  for await (const chunk of body ?? []) {
    if (size + chunk.byteLength > MAX_BODY_BYTES) throw new ApiError('body_too_large')
    bytes.set(chunk, size)
    size += chunk.byteLength
  }
  return new TextDecoder().decode(bytes.subarray(0, size))
}
