/** What every handler can reach through `c.get`, and the router that knows of it. */
import { Hono } from 'hono'
import type { AccessClaims } from './auth/tokens.ts'
import type { Isolate } from './services.ts'

/** Hono's type parameter, for routes and middleware alike. */
export interface AppEnv {
  /** For `middleware/prepare` alone: handlers use what it has made of them. */
  Bindings: Partial<Env>
  /** Read with `c.get`: `c.var` makes an object of all of them each time. */
  Variables: {
    isolate: Isolate
    requestId: string
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
