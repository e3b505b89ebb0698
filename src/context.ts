/** The context of every handler, and the functions that make routers and answers. */
import { type Context, Hono, type TypedResponse } from 'hono'
import type { RequestIdVariables } from 'hono/request-id'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { JSONParsed } from 'hono/utils/types'
import type { AccessClaims } from './auth/tokens.ts'
import type { Outcome } from './errors.ts'
import type { Services } from './services.ts'

/** Hono's type parameter, for routes and middleware alike. */
export interface AppEnv {
  /** Only `services.ts` reads these; handlers use the services that it makes of them. */
  Bindings: Partial<Env>
  Variables: RequestIdVariables & {
    services: Services
    /** The claims of the bearer's access token, behind `middleware/authenticate`. */
    claims: AccessClaims
    /** Resolves when a streamed body has ended, with its outcome; absent for any other answer. */
    streamed?: Promise<Outcome>
  }
}

/** Makes a router; every path of the contract is answered with and without a trailing slash. */
export function createRouter() {
  return new Hono<AppEnv>({ strict: false })
}

/** Answers with a JSON body whose `status` is also the HTTP status, as the contract requires. */
export function answer<Body extends { status: ContentfulStatusCode }>(
  c: Context<AppEnv>,
  body: Body,
): Response & TypedResponse<JSONParsed<Body>, Body['status'], 'json'> {
  return c.json<Body, Body['status']>(body, body.status)
}

/** Returns the current Unix time in whole seconds. */
export function unixTime(): number {
  return Math.floor(Date.now() / 1000)
}
