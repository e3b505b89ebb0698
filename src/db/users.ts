/** Every statement about users. */
import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { NameTaken, StatementRefused } from '../errors.ts'
import { run, runRepeatable, type Store } from './client.ts'
import { publicColumns, users } from './schema.ts'
import { hasNotEnded, isOfGeneration, type SessionClaims } from './sessions.ts'

/** A row to insert. */
export type NewUser = Omit<typeof users.$inferInsert, 'emailVerifiedAt'>

/** The columns that a login reads. */
export type Credentials = Pick<Account, 'id' | 'username' | 'generation' | 'passwordHash' | 'emailVerifiedAt'>

/** A whole row. It holds the password hash and must never be an answer. */
export type Account = typeof users.$inferSelect

/**
 * Finds a page of users, in the order of their ids, without what nobody may see.
 * @param after the id before the page; `''` for the first page
 * @param limit the most users in the page
 * @throws {StoreUnavailable | StatementRefused}
 */
export function findUsers(store: Store, after: string, limit: number) {
  return runRepeatable(store, (db) =>
    db.select(publicColumns).from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit),
  )
}

/**
 * Finds a user by id, without what nobody may see.
 * @returns null where there is no such user
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function findUser(store: Store, id: string) {
  const [user] = await runRepeatable(store, (db) => db.select(publicColumns).from(users).where(eq(users.id, id)))
  return user ?? null
}

/**
 * Finds a user by username or email, in any case of letters. No username has an `@`, so the two cannot be confused.
 * @returns null where there is no such user
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function findCredentials(store: Store, name: string): Promise<Credentials | null> {
  const { id, username, email, generation, passwordHash, emailVerifiedAt } = users
  const given = lower(name)
  const [user] = await runRepeatable(store, (db) =>
    db
      .select({ id, username, generation, passwordHash, emailVerifiedAt })
      .from(users)
      .where(or(eq(sql`lower(${username})`, given), eq(sql`lower(${email})`, given))),
  )
  return user ?? null
}

/**
 * Finds the user with an email, in any case of letters.
 * @returns null where there is no such user
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function findUserByEmail(store: Store, address: string) {
  const { id, username, email, generation } = users
  const [user] = await runRepeatable(store, (db) =>
    db
      .select({ id, username, email, generation })
      .from(users)
      .where(eq(sql`lower(${email})`, lower(address))),
  )
  return user ?? null
}

/**
 * Adds a user. Safe to repeat: an id that is there already comes from an earlier try of the same call.
 * @throws {NameTaken} when another user has the username or the email; names the username when both are taken
 * @throws {StoreUnavailable | StatementRefused}
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

/**
 * Replaces the hash of a password, unless the password has changed since the old hash was read.
 * @throws {StoreUnavailable | StatementRefused}
 */
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

/**
 * Finds the account of an access token.
 * @returns null where the user is gone or of another generation, or the session has ended
 * @throws {StoreUnavailable | StatementRefused}
 */
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
 * Changes names or the email of a user. A new email is not verified.
 * @returns the user, without what nobody may see; null where the account has changed since it was read
 * @throws {NameTaken} when another user has the email
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function updateProfile(
  store: Store,
  { id, generation }: Account,
  profile: Partial<Pick<Account, 'firstname' | 'lastname' | 'email'>>,
) {
  const { email } = profile
  const emailVerifiedAt = sql`CASE WHEN ${users.email} = ${email} THEN ${users.emailVerifiedAt} END`
  const changes = email === undefined ? profile : { ...profile, emailVerifiedAt }
  const [user] = await refuseTaken(
    run(store, (db) => db.update(users).set(changes).where(isOfGeneration(id, generation)).returning(publicColumns)),
  )
  return user ?? null
}

/**
 * Checks that a user may have another email. Changes nothing.
 * @returns the user, without what nobody may see; null where the account has changed since it was read
 * @throws {NameTaken} when another user has the email
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function findUserForEmail(store: Store, { id, generation }: Account, email: string) {
  const others = sql`SELECT 1 FROM ${users} AS other WHERE lower(other.email) = ${lower(email)} AND other.id <> ${id}`
  const [found] = await runRepeatable(store, (db) =>
    db
      .select({ user: publicColumns, taken: sql<boolean>`EXISTS (${others})` })
      .from(users)
      .where(isOfGeneration(id, generation)),
  )
  if (found?.taken) throw new NameTaken('email')
  return found?.user ?? null
}

/** The claims by which a proof names an account as it was, and the email that it is to have. */
export interface EmailClaims {
  sub: string
  gen: number
  email: string
  current_email: string
  verified_at: number | null
}

/**
 * Gives a user the email of a proof, verified. It compares the time of the last verification too, because an account
 * may return to an earlier email, and a used proof must not work again there.
 * @returns false where the account is not as the proof names it
 * @throws {NameTaken} when another user has the email
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function verifyEmail(store: Store, proof: EmailClaims): Promise<boolean> {
  const { sub, gen, email, current_email, verified_at } = proof
  const verifiedAt = users.emailVerifiedAt
  const isAsProven = and(
    isOfGeneration(sub, gen),
    eq(users.email, current_email),
    verified_at === null ? isNull(verifiedAt) : eq(verifiedAt, new Date(verified_at)),
  )
  const verified = await refuseTaken(
    run(store, (db) =>
      db
        .update(users)
        .set({ email, emailVerifiedAt: sql`clock_timestamp()` })
        .where(isAsProven)
        .returning({ id: users.id }),
    ),
  )
  return verified.length > 0
}

/**
 * Changes a password and ends all sessions. It compares the email too, because the new password was checked against it,
 * or a proof was sent to it.
 * @returns what tokens say of the user from now on; null where the account has changed since it was read
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function updatePassword(
  store: Store,
  { id, generation, email }: Pick<Account, 'id' | 'generation' | 'email'>,
  passwordHash: string,
) {
  const [user] = await run(store, (db) =>
    db
      .update(users)
      .set({ passwordHash, generation: nextGeneration })
      .where(and(isOfGeneration(id, generation), eq(users.email, email)))
      .returning({ generation: users.generation, emailVerifiedAt: users.emailVerifiedAt }),
  )
  return user ?? null
}

/**
 * Ends all sessions of the owner of an access token.
 * @returns false where the token's own session has ended already
 * @throws {StoreUnavailable | StatementRefused}
 */
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

/**
 * Deletes a user.
 * @returns false where the account has changed since it was read
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function deleteUser(store: Store, { id, generation }: Account): Promise<boolean> {
  const deleted = await run(store, (db) =>
    db.delete(users).where(isOfGeneration(id, generation)).returning({ id: users.id }),
  )
  return deleted.length > 0
}

const nextGeneration = sql`${users.generation} + 1`

/** Folds letters as the indexes do, on every server. */
function lower(text: string) {
  return sql`lower(${text} COLLATE "C")`
}

/** Waits for a write, and turns a violated unique index into the field that is taken. */
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
