/** Headers that every answer carries unless its route knows better: it is data, for nobody to render, to frame or to keep. */
import type { Context } from 'hono'
import { HEADERS } from '../answer.ts'
import type { AppEnv } from '../context.ts'

/** Sets each of them that the route has not. */
export function completeHeaders(c: Context<AppEnv>): void {
  const { headers } = c.res
  headers.set('X-Request-Id', c.get('requestId'))
  // What `answer` has made has them all.
  if (headers.has('X-Content-Type-Options')) return
  for (const [name, value] of HEADERS) if (name !== 'content-type' && !headers.has(name)) headers.set(name, value)
}
