/** Looks into the table behind the Worker's back, and changes it. */
import { env } from 'cloudflare:workers'
import { eq, sql } from 'drizzle-orm'
import { openDatabase } from '../../src/db/client.ts'
import { sessions, users } from '../../src/db/schema.ts'

/** The tests' own client of the same database. */
export const database = openDatabase(env.DATABASE_URL, 5_000)
/** The same, for statements of a test's own. */
export const store = database.once

/** The whole row of a user. */
export async function readRow(username: string) {
  const [row] = await store.select().from(users).where(eq(users.username, username))
  if (!row) throw new Error(`no user ${username}`)
  return row
}

/** Changes columns of a user. */
export async function changeRow(username: string, columns: Partial<typeof users.$inferInsert>): Promise<void> {
  await store.update(users).set(columns).where(eq(users.username, username))
}

/** Deletes a user. */
export async function deleteRow(username: string): Promise<void> {
  await store.delete(users).where(eq(users.username, username))
}

/** The row of a session, if it has one. */
export async function readSession(sid: unknown) {
  const [row] = await store
    .select()
    .from(sessions)
    .where(eq(sessions.sid, String(sid)))
  return row
}

/** Lets time pass for a session, as the database sees it. */
export async function ageSession(sid: unknown, seconds: number): Promise<void> {
  const rotatedAt = sql`${sessions.rotatedAt} - make_interval(secs => ${seconds})`
  await store
    .update(sessions)
    .set({ rotatedAt })
    .where(eq(sessions.sid, String(sid)))
}
