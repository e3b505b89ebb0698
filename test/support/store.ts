/** Reads and changes the tables without the Worker. */
import { env } from 'cloudflare:workers'
import { eq, sql } from 'drizzle-orm'
import { vi } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { openStore } from '../../src/db/client.ts'
import { sessions, users } from '../../src/db/schema.ts'

/** The tests' own client of the same store. */
export const store = openStore(loadConfig(env).database, 5_000)
/** The same with Drizzle, for a test's own statements. */
export const { db } = store

/** Reads the whole row of a user. */
export async function readRow(username: string) {
  const [row] = await db.select().from(users).where(eq(users.username, username))
  if (!row) throw new Error(`no user ${username}`)
  return row
}

/** Changes columns of a user. */
export async function changeRow(username: string, columns: Partial<typeof users.$inferInsert>): Promise<void> {
  await db.update(users).set(columns).where(eq(users.username, username))
}

/**
 * Lets something happen between the two statements of the next call, as if another call had come in between.
 * @param verb how the second statement begins
 */
export function beforeStatement(verb: 'update' | 'delete', happen: () => Promise<unknown>): void {
  const { fetch } = globalThis
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (String(init?.body).startsWith(`{"query":"${verb}`)) {
      spy.mockRestore()
      await happen()
    }
    return fetch(input, init)
  })
}

/** Deletes a user. */
export async function deleteRow(username: string): Promise<void> {
  await db.delete(users).where(eq(users.username, username))
}

/** Reads the row of a session, if it has one. */
export async function readSession(sid: unknown) {
  const [row] = await db
    .select()
    .from(sessions)
    .where(eq(sessions.sid, String(sid)))
  return row
}

/** Moves a session into the past, by the database's clock. */
export async function ageSession(sid: unknown, seconds: number): Promise<void> {
  const rotatedAt = sql`${sessions.rotatedAt} - make_interval(secs => ${seconds})`
  await db
    .update(sessions)
    .set({ rotatedAt })
    .where(eq(sessions.sid, String(sid)))
}
