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

/** A purge stays within the 50 subrequests of Cloudflare's free plan. The next run deletes the rest. */
const MAX_PURGE_BATCHES = 40

export default {
  fetch(request, env, context) {
    const response = Promise.resolve(app.fetch(request, env, context))
    // When a client resets the connection, the runtime drops the handler at its next await, and the log has no line for
    // the work that was done. `waitUntil` lets the handler finish.
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

/** The calls that the shop's other Workers make over a service binding, without a request over the network. */
export class UserService extends WorkerEntrypoint<Partial<Env>> {
  /**
   * Verifies an access token.
   * @param token any value; only a string can be a token
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

  /** Calls the app as HTTP would, but from no address, so that limits by address do not apply. */
  async #post(path: string, body: unknown): Promise<TokensResponse | ErrorResponse> {
    const request = new Request(`https://user.service${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: toJson(body),
    })
    const response = await app.fetch(request, this.env, this.ctx)
    return response.json()
  }

  /** Answers a call and hides why it failed: a thrown error would reach the other Worker whole, parameters included. */
  async #answer<Result>(call: (services: Services) => Promise<Result>): Promise<Result> {
    try {
      return await call(await prepareServices(this.env))
    } catch (error) {
      logEvent('failure', { cause: describeFailure(error) })
      throw new Error('Service unavailable')
    }
  }
}

/** Writes a caller's value as JSON. A value that has no JSON becomes an empty body, which the app refuses. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}
