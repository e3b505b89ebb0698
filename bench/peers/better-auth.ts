/**
 * The peer: better-auth as its documentation sets it up on Workers, with Drizzle over Neon's HTTP driver. All other
 * options have their defaults. Workers of this compatibility date have the `nodejs_compat` that it asks for.
 */
import { env } from 'cloudflare:workers'
import { neon } from '@neondatabase/serverless'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
// Without Kysely, as its documentation advises for a bundle with an adapter.
import { betterAuth } from 'better-auth/minimal'
import { jwt } from 'better-auth/plugins/jwt'
import { drizzle } from 'drizzle-orm/neon-http'
import { reachLocalStore } from '../baselines/store.ts'
import * as schema from './better-auth-schema.ts'

/** Options that its documentation advises for speed and that are off by default: a cookie as cache, and joins. */
const tuned = {
  // The cookie lasts as long as the service's tokens in a run.
  session: { cookieCache: { enabled: true, maxAge: 86_400 } },
  advanced: { database: { joins: true } },
}

reachLocalStore()

const auth = betterAuth({
  database: drizzleAdapter(drizzle(neon(env.DATABASE_URL), { schema }), { provider: 'pg', schema }),
  baseURL: 'http://localhost',
  secret: env.ACCESS_TOKEN_KEY,
  emailAndPassword: { enabled: true },
  // The service has no limits on bare workerd either.
  rateLimit: { enabled: false },
  // Without this every session check would also sign a token that nobody asked for.
  plugins: [jwt({ disableSettingJwtHeader: true })],
  ...(env.TUNED === 'on' ? tuned : {}),
})

export default { fetch: (request: Request) => auth.handler(request) }
