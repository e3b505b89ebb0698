/** `npm run users -- list`: all users, page by page. */
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import type { User } from '../../src/schemas/responses.ts'
import { findAccounts, findWidths } from './accounts.ts'
import type { UsersDatabase } from './database.ts'
import { printable } from './text.ts'

const PAGE_USERS = 1_000

/** Prints all users: a table, or with `json` an object on each line. */
export async function listUsers({ client }: UsersDatabase, { json }: { json?: boolean }): Promise<number> {
  const lines = json ? formatPages(client, toJsonLine) : formatTable(client)
  // A reader like `head` closes the pipe once it has seen enough.
  await pipeline(lines, process.stdout, { end: false }).catch((error) => {
    if (error.code !== 'EPIPE') throw error
  })
  return 0
}

async function* formatTable(client: Client) {
  const { id, username, email } = await findWidths(client)
  const widths = [id, Math.max(username, 'username'.length), email]
  const toRow = (...cells: string[]) =>
    `${cells.map((cell, index) => printable(cell).padEnd(widths[index] ?? 0)).join('  ')}\n`
  yield toRow('id', 'username', 'email', 'name')
  yield* formatPages(client, (user) => toRow(user.id, user.username, user.email, `${user.firstname} ${user.lastname}`))
}

async function* formatPages(client: Client, format: (user: User) => string) {
  let after: string | undefined = ''
  while (after !== undefined) {
    const page: User[] = await findAccounts(client, after, PAGE_USERS)
    yield page.map(format).join('')
    after = page.at(-1)?.id
  }
}

function toJsonLine(user: User): string {
  return `${printable(JSON.stringify(user))}\n`
}
