/** The Worker's entries: the app, the purge by cron, and `UserService` for the shop's other Workers. */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { app } from './app.ts'
import { importTokenKinds } from './auth/keys.ts'
import { type AccessClaims, verifyAccessToken } from './auth/tokens.ts'
import { loadConfig, PASSWORD_ITERATIONS } from './config.ts'
import { type Bindings, unixTime } from './context.ts'
import { USER_ID, type User } from './contract.ts'
import { openDatabase } from './db/client.ts'
import { purgeSessions } from './db/sessions.ts'
import { findUser } from './db/users.ts'
import { logFailure, toResponse } from './errors.ts'

/** Keeps a purge within the subrequests that the smallest plan allows; what is left waits for the next one. */
const MAX_PURGE_BATCHES = 40

const prepared = new WeakMap<object, Bindings>()

export default {
  async fetch(request, env, ctx) {
    try {
      return await app.fetch(request, await getBindings(env), ctx)
    } catch (error) {
      const response = toResponse(error)
      // Which origins are allowed is not known here; the body tells nobody anything.
      response.headers.set('Access-Control-Allow-Origin', '*')
      return response
    }
  },

  async scheduled(_, env) {
    const { database } = await getBindings(env)
    for (let batch = 0; batch < MAX_PURGE_BATCHES; batch++) {
      if (!(await purgeSessions(database))) return
    }
  },
} satisfies ExportedHandler<object>

/** For service bindings: what the shop's other Workers may ask without a request over the network. */
export class UserService extends WorkerEntrypoint<object> {
  /**
   * Verifies an access token.
   * @returns its claims; null for anything that is not a good access token, whatever its type
   * @throws {Error} `Service unavailable`, and nothing of the cause
   */
  verifyToken(token: unknown): Promise<AccessClaims | null> {
    return this.#answer(async ({ tokens }) =>
      typeof token === 'string' ? verifyAccessToken(tokens, token, unixTime()) : null,
    )
  }

  /**
   * Looks a user up, whatever `USERS_ACCESS` says: whoever has the binding is trusted.
   * @returns the user as `GET /users/:id` shows it; null for anything that is not the id of one
   * @throws {Error} `Service unavailable`, and nothing of the cause
   */
  getUser(id: unknown): Promise<User | null> {
    return this.#answer(async ({ database }) =>
      typeof id === 'string' && USER_ID.test(id) ? findUser(database, id) : null,
    )
  }

  /** An error that is thrown reaches the caller whole, with all that it holds. */
  async #answer<Result>(call: (bindings: Bindings) => Promise<Result>): Promise<Result> {
    try {
      return await call(await getBindings(this.env))
    } catch (error) {
      logFailure(error)
      throw new Error('Service unavailable')
    }
  }
}

/** Configuration, keys and the store, made once per isolate. */
async function getBindings(env: object): Promise<Bindings> {
  const known = prepared.get(env)
  if (known) return known
  const config = loadConfig(env)
  if (config.passwordIterations < PASSWORD_ITERATIONS.recommended) {
    console.warn(`PBKDF2_ITERATIONS is below the recommended ${PASSWORD_ITERATIONS.recommended}`)
  }
  const bindings = { config, database: openDatabase(config.databaseUrl), tokens: await importTokenKinds(config) }
  prepared.set(env, bindings)
  return bindings
}
