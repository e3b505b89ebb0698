/** Every statement about users. */
import { and, eq, gt, or, sql } from 'drizzle-orm'
import { NameTaken, StatementRefused } from '../errors.ts'
import { run, runRepeatable, type Store } from './client.ts'
import { publicColumns, users } from './schema.ts'
import { hasNotEnded, isOfGeneration, type SessionClaims } from './sessions.ts'

/** A row to insert, but for what the store fills in. */
export type NewUser = Omit<typeof users.$inferInsert, 'generation'>

/** What a login needs of a user. */
export type Credentials = Pick<Account, 'id' | 'username' | 'generation' | 'passwordHash'>

/** What an access token's owner may see and change. */
export type Account = typeof users.$inferSelect

/** Returns users as anyone may see them, in the order of their ids, from behind `after` on; `''` is before all. */
export function findUsers(store: Store, after: string, limit: number) {
  return runRepeatable(store, (db) =>
    db.select(publicColumns).from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit),
  )
}

/** Returns a user as anyone may see it, or null. */
export async function findUser(store: Store, id: string) {
  const [user] = await runRepeatable(store, (db) => db.select(publicColumns).from(users).where(eq(users.id, id)))
  return user ?? null
}

/** Returns what a login needs of the user of that name or email, in whatever case, or null. No name is an email. */
export async function findCredentials(store: Store, name: string): Promise<Credentials | null> {
  const { id, username, email, generation, passwordHash } = users
  const given = sql`lower(${name} COLLATE "C")`
  const [user] = await runRepeatable(store, (db) =>
    db
      .select({ id, username, generation, passwordHash })
      .from(users)
      .where(or(eq(sql`lower(${username})`, given), eq(sql`lower(${email})`, given))),
  )
  return user ?? null
}

/**
 * Adds a user. Safe to repeat: an id that is there already is an earlier try of the same call that arrived.
 * @throws {NameTaken} in whatever case of letters; the username where both are
 */
export async function insertUser(store: Store, user: NewUser): Promise<void> {
  try {
    await refuseTaken(
      runRepeatable(store, (db) => db.insert(users).values(user).onConflictDoNothing({ target: users.id })),
    )
  } catch (error) {
    // While an earlier try is still at work, PostgreSQL 18 skips the id and then complains about the name.
    if (error instanceof NameTaken && (await findUser(store, user.id))) return
    throw error
  }
}

/** Stores a password's new hash, unless the password has been changed since the old hash was read. */
export async function replacePasswordHash(
  store: Store,
  id: string,
  { verified, replacement }: { verified: string; replacement: string },
): Promise<void> {
  await run(store, (db) =>
    db
      .update(users)
      .set({ passwordHash: replacement })
      .where(and(eq(users.id, id), eq(users.passwordHash, verified))),
  )
}

/** Returns the account of an access token; null where it is gone or changed, or the session has ended. */
export async function findAccount(store: Store, { sub, gen, sid }: Omit<SessionClaims, 'rot'>) {
  const [account] = await runRepeatable(store, (db) =>
    db
      .select()
      .from(users)
      .where(and(isOfGeneration(sub, gen), hasNotEnded(db, sid))),
  )
  return account ?? null
}

/**
 * Changes a user's own data.
 * @returns the user as anyone may see it; null where the account has changed since it was read
 * @throws {NameTaken} for an email that another user has
 */
export async function updateProfile(
  store: Store,
  { id, generation }: Account,
  profile: Partial<Pick<Account, 'firstname' | 'lastname' | 'email'>>,
) {
  const [user] = await refuseTaken(
    run(store, (db) => db.update(users).set(profile).where(isOfGeneration(id, generation)).returning(publicColumns)),
  )
  return user ?? null
}

/**
 * Changes a password and ends all sessions. The email is compared as well: the password was found to differ from it.
 * @returns the new generation; null where the account has changed since it was read
 */
export async function updatePassword(store: Store, { id, generation, email }: Account, passwordHash: string) {
  const [user] = await run(store, (db) =>
    db
      .update(users)
      .set({ passwordHash, generation: nextGeneration })
      .where(and(isOfGeneration(id, generation), eq(users.email, email)))
      .returning({ generation: users.generation }),
  )
  return user?.generation ?? null
}

/** Ends all sessions of an access token's owner; false where its own has ended already. */
export async function endAllSessions(store: Store, { sub, gen, sid }: Omit<SessionClaims, 'rot'>): Promise<boolean> {
  const ended = await run(store, (db) =>
    db
      .update(users)
      .set({ generation: nextGeneration })
      .where(and(isOfGeneration(sub, gen), hasNotEnded(db, sid)))
      .returning({ id: users.id }),
  )
  return ended.length > 0
}

/** Deletes a user; false where the account has changed since it was read. */
export async function deleteUser(store: Store, { id, generation }: Account): Promise<boolean> {
  const deleted = await run(store, (db) =>
    db.delete(users).where(isOfGeneration(id, generation)).returning({ id: users.id }),
  )
  return deleted.length > 0
}

const nextGeneration = sql`${users.generation} + 1`

/** Waits for a write, and names the field whose value another user has. */
async function refuseTaken<Result>(write: Promise<Result>): Promise<Result> {
  try {
    return await write
  } catch (error) {
    const constraint = error instanceof StatementRefused ? error.constraint : undefined
    if (constraint === 'users_username_key') throw new NameTaken('username')
    if (constraint === 'users_email_key') throw new NameTaken('email')
    throw error
  }
}
