import type { Context, TypedResponse } from 'hono'
import { type AppEnv, createRouter } from '../../context.ts'
import { MAX_PAGE_USERS, usersQuery } from '../../contract.ts'
import type { Database } from '../../db/client.ts'
import { findUsers } from '../../db/users.ts'
import { guardReading } from '../../middleware/authenticate.ts'
import { validateQuery } from '../../middleware/validate.ts'
import type { User, UsersResponse } from '../../responses.ts'

/** `GET /users`: a page, with one statement, or the whole list, with one for each page that is read. */
export const listUsers = createRouter().get('/users', validateQuery(usersQuery), guardReading, async (c) => {
  const { limit, after } = c.req.valid('query')
  if (limit === undefined && after === undefined) return streamUsers(c)
  const size = limit ?? MAX_PAGE_USERS
  const data = await findUsers(c.var.database, after ?? '', size)
  const next = data.length === size ? (data.at(-1)?.id ?? null) : null
  return c.json<UsersResponse, 200>({ data, next }, 200)
})

/** The first page is read before the answer begins, so that its failure is still a 503. */
async function streamUsers({ var: { database } }: Context<AppEnv>) {
  const parts = writeList(database, await findUsers(database, '', MAX_PAGE_USERS))
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    // The client has gone: no page is read any more.
    cancel: () => void parts.return(undefined),
  })
  const response = new Response(stream, { headers: { 'Content-Type': 'application/json' } })
  // For the typed client, which cannot see what the stream spells out.
  return response as Response & TypedResponse<UsersResponse, 200, 'json'>
}

/** Holds one page at a time. One that fails breaks the response off: what has been sent must not look complete. */
async function* writeList(database: Database, first: User[]): AsyncGenerator<string> {
  let page = first
  yield `{"data":[${writeMembers(page)}`
  while (page.length === MAX_PAGE_USERS) {
    page = await findUsers(database, page.at(-1)?.id ?? '', MAX_PAGE_USERS)
    if (page.length > 0) yield `,${writeMembers(page)}`
  }
  yield ']}'
}

function writeMembers(page: User[]): string {
  return JSON.stringify(page).slice(1, -1)
}
