/** Cross-origin access for the shop's pages (Fetch standard). Never with credentials: tokens travel in headers and bodies. */
import type { Context } from 'hono'
import type { AppEnv } from '../context.ts'

const PREFLIGHT = Object.entries({
  'Access-Control-Allow-Methods': 'GET,POST,PUT,PATCH,DELETE',
  'Access-Control-Allow-Headers': 'Authorization,Content-Type',
  'Access-Control-Max-Age': '86400',
})

/** Sets what depends on the caller; whether a preflight's path exists is left to what comes after. */
export function allowCrossOrigin(c: Context<AppEnv>): void {
  const { headers } = c.res
  // Without a configuration nobody knows which origins are allowed, and the answer tells nobody anything.
  const origin = findAllowed(c, c.get('isolate')?.config.corsOrigins ?? ['*'])
  if (origin) headers.set('Access-Control-Allow-Origin', origin)
  if (c.req.method === 'OPTIONS') for (const [name, value] of PREFLIGHT) headers.set(name, value)
}

function findAllowed(c: Context<AppEnv>, allowed: readonly string[]): string | undefined {
  if (allowed.includes('*')) return '*'
  const origin = c.req.header('Origin')
  return origin !== undefined && allowed.includes(origin) ? origin : undefined
}
