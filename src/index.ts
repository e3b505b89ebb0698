/** The Worker's entries: the app, the purge by cron, and `UserService` for the shop's other Workers. */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { app } from './app.ts'
import { type AccessClaims, verifyAccessToken } from './auth/tokens.ts'
import { unixTime } from './context.ts'
import { purgeSessions } from './db/sessions.ts'
import { findUser } from './db/users.ts'
import { describeFailure, logEvent } from './log.ts'
import { USER_ID } from './schemas/requests.ts'
import type { ErrorResponse, TokensResponse, User } from './schemas/responses.ts'
import { prepareServices, type Services } from './services.ts'

/** Keeps a purge within the subrequests that the smallest plan allows; what is left waits for the next one. */
const MAX_PURGE_BATCHES = 40

export default {
  fetch(request, env, context) {
    const response = Promise.resolve(app.fetch(request, env, context))
    // The runtime drops a handler at its next await when its client resets the connection: what has begun would be done
    // without a line in the log.
    context.waitUntil(response)
    return response
  },

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

  /**
   * Logs a person in, for a front end that does so from its own server: tries count against the account alone.
   * @param credentials the body of `POST /login`
   * @returns its answer, `status` among it, whether it is a session or a refusal
   */
  login(credentials: unknown): Promise<TokensResponse | ErrorResponse> {
    return this.#post('/login', credentials)
  }

  /**
   * Refreshes a session, uncounted.
   * @param refreshToken the refresh token
   * @returns the answer of `POST /refresh-token`, `status` among it, whether it is a session or a refusal
   */
  refresh(refreshToken: unknown): Promise<TokensResponse | ErrorResponse> {
    return this.#post('/refresh-token', { refresh_token: refreshToken })
  }

  /** Calls the app as HTTP would, from no address: no limit by address applies, everything else does. */
  async #post(path: string, body: unknown): Promise<TokensResponse | ErrorResponse> {
    const request = new Request(`https://user.service${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: toJson(body),
    })
    const response = await app.fetch(request, this.env, this.ctx)
    return response.json()
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

/** Writes what a caller gave as JSON; what has no JSON is no body, and refused as such. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}
