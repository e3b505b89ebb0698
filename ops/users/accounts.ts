/** Every statement of the operator's commands. The service's role may run them: see migrations/application-role.sql. */
import { eq, gt, or, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Client } from 'pg'
import { publicColumns, sessions, users } from '../../src/db/schema.ts'
import { isLoginName } from '../../src/schemas/requests.ts'
import { trim } from '../../src/settings/read.ts'
import { Refusal } from '../terminal.ts'
import { run } from './database.ts'
import { printable } from './text.ts'

/**
 * Finds the user of a name or email, in any case of letters. It does not read the salt and hash of the password.
 * @throws {Refusal} there is no such user
 */
export async function requireAccount(client: Client, given: string) {
  const db = drizzle(client)
  const name = trim(given)
  const lower = sql`lower(${name} COLLATE "C")`
  const [account] = isLoginName(name)
    ? await run(
        db
          .select({
            ...publicColumns,
            generation: users.generation,
            scheme: sql<string>`split_part(${users.passwordHash}, '$', 2)`,
            cost: sql<string>`split_part(${users.passwordHash}, '$', 3)`,
            sessionRows: db.$count(sessions, eq(sessions.userId, users.id)),
          })
          .from(users)
          .where(or(eq(sql`lower(${users.username})`, lower), eq(sql`lower(${users.email})`, lower))),
      )
    : []
  if (account) return account
  throw new Refusal(`There is no user ${printable(given)}`)
}

/** A user as `requireAccount` finds it. */
export type Account = Awaited<ReturnType<typeof requireAccount>>

/** Finds users in the order of their ids, beginning after the id `after`; `''` begins with the first user. */
export function findAccounts(client: Client, after: string, limit: number) {
  return run(
    drizzle(client).select(publicColumns).from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit),
  )
}

/** Finds the lengths, in characters, of the longest id, username and email address. */
export async function findWidths(client: Client) {
  const longest = (column: typeof users.id | typeof users.username | typeof users.email) =>
    sql<number>`coalesce(max(length(${column})), 0)::int`
  const [widths] = await run(
    drizzle(client)
      .select({ id: longest(users.id), username: longest(users.username), email: longest(users.email) })
      .from(users),
  )
  return widths ?? { id: 0, username: 0, email: 0 }
}

/** Gives a user another password and ends all sessions; refuses if the user is gone. */
export function replacePassword(client: Client, account: Account, passwordHash: string): Promise<void> {
  return update(client, account, { passwordHash })
}

/** Ends all sessions of a user; refuses if the user is gone. */
export function endSessions(client: Client, account: Account): Promise<void> {
  return update(client, account, {})
}

/** Deletes a user; refuses if the user is gone. */
export async function deleteAccount(client: Client, account: Account): Promise<void> {
  requireRow(
    account,
    await run(drizzle(client).delete(users).where(eq(users.id, account.id)).returning({ id: users.id })),
  )
}

async function update(client: Client, account: Account, changes: { passwordHash?: string }): Promise<void> {
  const values = { ...changes, generation: sql`${users.generation} + 1` }
  requireRow(
    account,
    await run(drizzle(client).update(users).set(values).where(eq(users.id, account.id)).returning({ id: users.id })),
  )
}

function requireRow({ username }: Account, rows: unknown[]): void {
  if (rows.length === 0) throw new Refusal(`${username} has been deleted meanwhile`)
}
