/** How the answers of the API are made: JSON, with all the headers that they have in common. */
import type { TypedResponse } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'

/** Data, for nobody to render, to frame or to keep. Copied in one step: set one by one they cost several times as much. */
export const HEADERS = new Headers({
  'Access-Control-Expose-Headers': 'X-Request-Id,Retry-After,WWW-Authenticate',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'Content-Type': 'application/json',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  Vary: 'Origin',
  'X-Content-Type-Options': 'nosniff',
})

/** Answers with JSON; the types are for Hono's typed client. */
export function answer<Body, Status extends StatusCode>(
  body: Body,
  status: Status,
  headers: Record<string, string> = {},
) {
  const response = answerWith(JSON.stringify(body), status, headers)
  return response as Response & TypedResponse<Body, Status, 'json'>
}

/** Answers with a body that is JSON already, or with none. */
export function answerWith(
  body: string | ReadableStream | null,
  status: number,
  headers: Record<string, string> = {},
): Response {
  const response = new Response(body, { status, headers: HEADERS })
  for (const name in headers) response.headers.set(name, headers[name] ?? '')
  if (body === null) response.headers.delete('Content-Type')
  return response
}
