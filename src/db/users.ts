/** Every statement about users. */
import { eq, sql } from 'drizzle-orm'
import { ApiError } from '../errors.ts'
import { type Database, run, StatementError } from './client.ts'
import { users } from './schema.ts'

/** A row to insert, but for what the store fills in. */
export type NewUser = Omit<typeof users.$inferInsert, 'generation'>

const publicColumns = {
  username: users.username,
  email: users.email,
  firstname: users.firstname,
  lastname: users.lastname,
  id: users.id,
}

/** Makes a user id of an ObjectId's shape: 4 bytes of Unix seconds, 8 random ones, in hex, so that ids sort by time. */
export function newUserId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(8))
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return now.toString(16).padStart(8, '0') + hex
}

/** All users as anyone may see them, oldest id first. */
export function findUsers(database: Database) {
  return run(database.select(publicColumns).from(users).orderBy(users.id))
}

/** A user as anyone may see it, or null. */
export async function findUser(database: Database, id: string) {
  const [user] = await run(database.select(publicColumns).from(users).where(eq(users.id, id)))
  return user ?? null
}

/** What a login needs of the user of that name, in whatever case, or null. */
export async function findCredentials(database: Database, username: string) {
  const [user] = await run(
    database
      .select({
        id: users.id,
        username: users.username,
        generation: users.generation,
        passwordHash: users.passwordHash,
      })
      .from(users)
      .where(sql`lower(${users.username}) = lower(${username} COLLATE "C")`),
  )
  return user ?? null
}

/** Whom a refreshed token is about, or null where the user is gone or of another generation. */
export async function findSubject(database: Database, id: string, generation: number) {
  const [user] = await run(
    database
      .select({ id: users.id, username: users.username, generation: users.generation })
      .from(users)
      .where(sql`${users.id} = ${id} AND ${users.generation} = ${generation}`),
  )
  return user ?? null
}

/**
 * Adds a user. Safe to repeat: an id that is there already is an earlier try of the same call that arrived.
 * @throws {ApiError} `username_taken` or `email_taken`, in whatever case of letters; the former where both are
 */
export async function insertUser(database: Database, user: NewUser): Promise<void> {
  try {
    await run(database.insert(users).values(user).onConflictDoNothing({ target: users.id }))
  } catch (error) {
    const constraint = error instanceof StatementError ? error.constraint : undefined
    if (constraint === 'users_username_key') throw new ApiError('username_taken')
    if (constraint === 'users_email_key') throw new ApiError('email_taken')
    throw error
  }
}

/** Stores a password's new hash, unless the password has been changed since the old hash was read. */
export async function replacePasswordHash(
  database: Database,
  id: string,
  { verified, replacement }: { verified: string; replacement: string },
): Promise<void> {
  await run(
    database
      .update(users)
      .set({ passwordHash: replacement })
      .where(sql`${users.id} = ${id} AND ${users.passwordHash} = ${verified}`),
  )
}
