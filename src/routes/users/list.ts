import type { Context, TypedResponse } from 'hono'
import { type AppEnv, createRouter } from '../../context.ts'
import type { Store } from '../../db/client.ts'
import { findUsers } from '../../db/users.ts'
import type { Outcome } from '../../errors.ts'
import { describeFailure, logEvent } from '../../log.ts'
import { guardReading } from '../../middleware/authenticate.ts'
import { validateQuery } from '../../middleware/validate.ts'
import { MAX_PAGE_USERS, usersQuery } from '../../schemas/requests.ts'
import type { User, UsersResponse } from '../../schemas/responses.ts'

/** `GET /users`: a page with one statement, or the whole list with one statement for each 5,000 users. */
export const listUsers = createRouter().get('/users', validateQuery(usersQuery), guardReading, async (c) => {
  const { limit, after } = c.req.valid('query')
  if (limit === undefined && after === undefined) return streamUsers(c)
  const size = limit ?? MAX_PAGE_USERS
  const data = await findUsers(c.get('services').store, after ?? '', size)
  const next = data.length === size ? (data.at(-1)?.id ?? null) : null
  return c.json<UsersResponse, 200>({ data, next }, 200)
})

/** Streams the whole list. It reads the first page before the answer begins, so that a failure is still a 503. */
async function streamUsers(c: Context<AppEnv>) {
  const { store } = c.get('services')
  const parts = writeList(store, await findUsers(store, '', MAX_PAGE_USERS))
  const ended = Promise.withResolvers<Outcome>()
  c.set('streamed', ended.promise)
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await parts.next()
        if (!done) return controller.enqueue(encoder.encode(value))
        controller.close()
        ended.resolve('ok')
      } catch (error) {
        logEvent('list_broken', { request: c.get('requestId'), cause: describeFailure(error) })
        ended.resolve('list_broken')
        throw error
      }
    },
    cancel() {
      ended.resolve('client_gone')
      return parts.return(undefined).then(() => {})
    },
  })
  const response: Response = c.body(stream, 200, { 'Content-Type': 'application/json' })
  // The compiler cannot see what the stream writes, so the type for the typed client is stated here.
  return response as Response & TypedResponse<UsersResponse, 200, 'json'>
}

/**
 * Writes the list and holds one page at a time. A page that fails breaks the JSON off, so that it never looks complete.
 */
async function* writeList(store: Store, first: User[]): AsyncGenerator<string> {
  let page = first
  yield `{"data":[${writeMembers(page)}`
  while (page.length === MAX_PAGE_USERS) {
    page = await findUsers(store, page.at(-1)?.id ?? '', MAX_PAGE_USERS)
    if (page.length > 0) yield `,${writeMembers(page)}`
  }
  yield ']}'
}

function writeMembers(page: User[]): string {
  return JSON.stringify(page).slice(1, -1)
}
