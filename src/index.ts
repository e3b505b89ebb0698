/** The Worker's entries: the app, the purge by cron, and `UserService` for the shop's other Workers. */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { app } from './app.ts'
import { type AccessClaims, verifyAccessToken } from './auth/tokens.ts'
import { unixTime } from './context.ts'
import { purgeSessions } from './db/sessions.ts'
import { findUser } from './db/users.ts'
import { describeFailure, logEvent } from './log.ts'
import { USER_ID } from './schemas/requests.ts'
import type { User } from './schemas/responses.ts'
import { prepareServices, type Services } from './services.ts'

/** Keeps a purge within the subrequests that the smallest plan allows; what is left waits for the next one. */
const MAX_PURGE_BATCHES = 40

export default {
  fetch: app.fetch,

  async scheduled(_, env) {
    const { store } = await prepareServices(env)
    for (let batch = 0; batch < MAX_PURGE_BATCHES; batch++) {
      if (!(await purgeSessions(store))) return
    }
  },
} satisfies ExportedHandler<Partial<Env>>

/** For service bindings: what the shop's other Workers may ask without a request over the network. */
export class UserService extends WorkerEntrypoint<Partial<Env>> {
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
    return this.#answer(async ({ store }) => (typeof id === 'string' && USER_ID.test(id) ? findUser(store, id) : null))
  }

  /** An error that is thrown reaches the caller whole, with all that it holds. */
  async #answer<Result>(call: (services: Services) => Promise<Result>): Promise<Result> {
    try {
      return await call(await prepareServices(this.env))
    } catch (error) {
      logEvent('failure', { cause: describeFailure(error) })
      throw new Error('Service unavailable')
    }
  }
}
