/** How the answers of the API are made: JSON, with all the headers that they have in common. */
import type { Context, TypedResponse } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { AppEnv } from './context.ts'
import { ApiError } from './errors.ts'

/** Data, for nobody to render, to frame or to keep. Copied in one step: set one by one they cost several times as much. */
const HEADERS = new Headers({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'Content-Type': 'application/json',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  Vary: 'Origin',
  'X-Content-Type-Options': 'nosniff',
})

/** What pages of other origins may send. Never with credentials: tokens travel in headers and bodies. */
const PREFLIGHT = Object.entries({
  'Access-Control-Allow-Methods': 'GET,POST,PUT,PATCH,DELETE',
  'Access-Control-Allow-Headers': 'Authorization,Content-Type',
  'Access-Control-Max-Age': '86400',
})
/** What they may read beside the body. */
const EXPOSED = Object.entries({ 'Access-Control-Expose-Headers': 'X-Request-Id,Retry-After,WWW-Authenticate' })

/** Answers with JSON; the types are for Hono's typed client. */
export function answer<Body, Status extends StatusCode>(
  c: Context<AppEnv>,
  body: Body,
  status: Status,
  headers?: Record<string, string>,
) {
  const response = answerWith(c, JSON.stringify(body), status, headers)
  return response as Response & TypedResponse<Body, Status, 'json'>
}

/** Answers with a body that is JSON already, with one whose type is among the headers, or with none. */
export function answerWith(
  c: Context<AppEnv>,
  body: string | ReadableStream | null,
  status: number,
  headers: Record<string, string> = {},
): Response {
  // On the one that is copied, and nothing runs in between: most answers need no change of their own.
  HEADERS.set('X-Request-Id', c.get('requestId'))
  const response = new Response(body, { status, headers: HEADERS })
  for (const name in headers) response.headers.set(name, headers[name] ?? '')
  if (body === null) response.headers.delete('Content-Type')
  const origin = c.req.header('Origin')
  if (origin !== undefined) allowCrossOrigin(c, origin, response.headers)
  return response
}

/** Answers with whatever was thrown: a refusal as it is, anything else as a 500. */
export function refuse(error: unknown, c: Context<AppEnv>): Response {
  const { message, status, fields, headers } = error instanceof ApiError ? error : new ApiError('internal_error')
  return answer(c, fields ? { message, status, errors: fields } : { message, status }, status, headers)
}

/** Lets the caller's page in (Fetch standard, section 3.3); whether a preflight's path exists is its route's to say. */
function allowCrossOrigin(c: Context<AppEnv>, origin: string, headers: Headers): void {
  // Without a configuration nobody knows which origins are allowed, and the answer tells nobody anything.
  const allowed = c.get('isolate')?.config.corsOrigins ?? ['*']
  if (allowed.includes('*')) headers.set('Access-Control-Allow-Origin', '*')
  else if (allowed.includes(origin)) headers.set('Access-Control-Allow-Origin', origin)
  for (const [name, value] of c.req.method === 'OPTIONS' ? PREFLIGHT : EXPOSED) headers.set(name, value)
}
