/** What every handler can reach through `c.env`, and the router that knows of it. */
import { Hono } from 'hono'
import type { TokenKinds } from './auth/keys.ts'
import type { AccessClaims } from './auth/tokens.ts'
import type { Config } from './config.ts'
import type { Database } from './db/client.ts'

/** Made once per isolate from the environment; handlers never see the environment itself. */
export interface Bindings {
  readonly config: Config
  readonly database: Database
  readonly tokens: TokenKinds
}

/** Hono's type parameter, for routes and middleware alike. */
export interface AppEnv {
  Bindings: Bindings
  Variables: {
    /** The claims of the bearer's access token, behind `middleware/authenticate`. */
    claims: AccessClaims
  }
}

/** Makes a router; every path of the contract is answered with and without a trailing slash. */
export function createRouter() {
  return new Hono<AppEnv>({ strict: false })
}

/** The current Unix time in whole seconds. */
export function unixTime(): number {
  return Math.floor(Date.now() / 1000)
}
