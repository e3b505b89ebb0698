/** Every statement about users. */
import { and, eq, gt, type SQL, sql } from 'drizzle-orm'
import { ApiError } from '../errors.ts'
import { type Database, prepareOnce, run } from './client.ts'
import { StatementError } from './neon.ts'
import { publicColumns, users } from './schema.ts'
import { hasNotEnded, type SessionClaims } from './sessions.ts'

/** A row to insert, but for what the store fills in. */
export type NewUser = Omit<typeof users.$inferInsert, 'generation'>

/** Users as anyone may see them, in the order of their ids, from behind `after` on; `''` is before all. */
export function findUsers(database: Database, after: string, limit: number) {
  return run(
    database.repeatable.select(publicColumns).from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit),
  )
}

const userById = prepareOnce((client) =>
  client
    .select(publicColumns)
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare('user_by_id'),
)

/** A user as anyone may see it, or null. */
export async function findUser(database: Database, id: string) {
  const [user] = await run(userById(database.repeatable).execute({ id }))
  return user ?? null
}

const credentialsByName = prepareOnce((client) =>
  client
    .select({
      id: users.id,
      username: users.username,
      generation: users.generation,
      passwordHash: users.passwordHash,
    })
    .from(users)
    .where(sql`lower(${users.username}) = lower(${sql.placeholder('username')} COLLATE "C")`)
    .prepare('credentials_by_name'),
)

/** What a login needs of the user of that name, in whatever case, or null. */
export async function findCredentials(database: Database, username: string) {
  const [user] = await run(credentialsByName(database.repeatable).execute({ username }))
  return user ?? null
}

const userInsertion = prepareOnce((client) =>
  client
    .insert(users)
    .values({
      id: sql.placeholder('id'),
      username: sql.placeholder('username'),
      email: sql.placeholder('email'),
      firstname: sql.placeholder('firstname'),
      lastname: sql.placeholder('lastname'),
      passwordHash: sql.placeholder('passwordHash'),
    })
    .onConflictDoNothing({ target: users.id })
    .prepare('user_insertion'),
)

/**
 * Adds a user. Safe to repeat: an id that is there already is an earlier try of the same call that arrived.
 * @throws {ApiError} `username_taken` or `email_taken`, in whatever case of letters; the former where both are
 */
export async function insertUser(database: Database, user: NewUser): Promise<void> {
  await runUnique(userInsertion(database.repeatable).execute({ ...user }))
}

/** Stores a password's new hash, unless the password has been changed since the old hash was read. */
export async function replacePasswordHash(
  database: Database,
  id: string,
  { verified, replacement }: { verified: string; replacement: string },
): Promise<void> {
  await run(
    database.once
      .update(users)
      .set({ passwordHash: replacement })
      .where(and(eq(users.id, id), eq(users.passwordHash, verified))),
  )
}

/** What an access token's owner may see and change. */
export type Account = typeof users.$inferSelect

/** The account of an access token; null where it is gone or changed, or the session has ended. */
export async function findAccount(database: Database, { sub, gen, sid }: Omit<SessionClaims, 'rot'>) {
  const [account] = await run(
    database.repeatable
      .select()
      .from(users)
      .where(and(isOfGeneration(sub, gen), hasNotEnded(database, sid))),
  )
  return account ?? null
}

/**
 * Changes a user's own data.
 * @returns the user as anyone may see it; null where the account has changed since it was read
 * @throws {ApiError} `email_taken`
 */
export async function updateProfile(
  database: Database,
  { id, generation }: Account,
  profile: Partial<Pick<Account, 'firstname' | 'lastname' | 'email'>>,
) {
  const [user] = await runUnique(
    database.once.update(users).set(profile).where(isOfGeneration(id, generation)).returning(publicColumns),
  )
  return user ?? null
}

/**
 * Changes a password and ends all sessions.
 * @returns the new generation; null where the account has changed since it was read
 */
export async function updatePassword(database: Database, { id, generation }: Account, passwordHash: string) {
  const [user] = await run(
    database.once
      .update(users)
      .set({ passwordHash, generation: nextGeneration })
      .where(isOfGeneration(id, generation))
      .returning({ generation: users.generation }),
  )
  return user?.generation ?? null
}

/** Ends all sessions of an access token's owner; false where its own has ended already. */
export async function endAllSessions(database: Database, { sub, gen, sid }: Omit<SessionClaims, 'rot'>) {
  const ended = await run(
    database.once
      .update(users)
      .set({ generation: nextGeneration })
      .where(and(isOfGeneration(sub, gen), hasNotEnded(database, sid)))
      .returning({ id: users.id }),
  )
  return ended.length > 0
}

/** Deletes a user; false where the account has changed since it was read. */
export async function deleteUser(database: Database, { id, generation }: Account): Promise<boolean> {
  const deleted = await run(
    database.once.delete(users).where(isOfGeneration(id, generation)).returning({ id: users.id }),
  )
  return deleted.length > 0
}

const nextGeneration = sql`${users.generation} + 1`

function isOfGeneration(id: string, generation: number): SQL | undefined {
  return and(eq(users.id, id), eq(users.generation, generation))
}

/** Runs a write; a name that is taken is a refusal. */
async function runUnique<Result>(statement: PromiseLike<Result>): Promise<Result> {
  try {
    return await run(statement)
  } catch (error) {
    const constraint = error instanceof StatementError ? error.constraint : undefined
    if (constraint === 'users_username_key') throw new ApiError('username_taken')
    if (constraint === 'users_email_key') throw new ApiError('email_taken')
    throw error
  }
}
