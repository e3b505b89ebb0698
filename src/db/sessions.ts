/** Every statement about sessions. A session has a row only once it has rotated or ended. */
import { and, eq, notExists, or, type SQL, sql } from 'drizzle-orm'
import type { NeonHttpDatabase } from 'drizzle-orm/neon-http'
import { run, runRepeatable, type Store } from './client.ts'
import { sessions, users } from './schema.ts'

/** The claims by which a token names its session; those of access tokens have no `rot`. */
export interface SessionClaims {
  sub: string
  gen: number
  sid: string
  rot: number
}

/** Deleting that many rows takes about 0.2 s, of the 5 s that a statement has. */
const PURGE_BATCH_ROWS = 20_000

/** Makes the SQL condition that a user still has the generation that a token or an earlier statement named. */
export function isOfGeneration(id: string, generation: number): SQL | undefined {
  return and(eq(users.id, id), eq(users.generation, generation))
}

/** Makes the SQL condition that the session `sid` has not ended. */
export function hasNotEnded(db: NeonHttpDatabase, sid: string): SQL {
  return notExists(
    db
      .select({ one: sql`1` })
      .from(sessions)
      .where(and(eq(sessions.sid, sid), sessions.ended)),
  )
}

/**
 * Finds the user of a refresh token, for a refresh without rotation. Writes nothing.
 * @returns null where the user is gone or of another generation, or the session has ended or moved on
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function findSessionUser(store: Store, { sub, gen, sid, rot }: SessionClaims) {
  const isSpent = or(sessions.ended, sql`${sessions.rotation} <> ${rot}`)
  const [user] = await runRepeatable(store, (db) => {
    const spent = db
      .select({ one: sql`1` })
      .from(sessions)
      .where(and(eq(sessions.sid, sid), isSpent))
    return db
      .select({
        id: users.id,
        username: users.username,
        generation: users.generation,
        emailVerifiedAt: users.emailVerifiedAt,
      })
      .from(users)
      .where(and(isOfGeneration(sub, gen), notExists(spent)))
  })
  return user ?? null
}

/**
 * Refreshes a session with one of its tokens, with rotation (RFC 9700, section 4.14.2). Within the grace of its last
 * move the session does not move again: the current token and its predecessor may both be used, so that tabs with a
 * shared storage cannot fall two behind. After the grace the current token moves the session on and is spent. The
 * predecessor then ends the session, and an older token ends it at any time.
 *
 * | the session's row       | its last move | becomes                                     |
 * | ----------------------- | ------------- | ------------------------------------------- |
 * | none, and `rot` is 0    |               | rotation 1                                  |
 * | none, and `rot` is more |               | ended, because the row was lost             |
 * | rotation = `rot`        | in the grace  | as it was                                   |
 * | rotation = `rot`        | before it     | rotation + 1                                |
 * | rotation = `rot` + 1    | in the grace  | one more use of the spent token             |
 * | rotation = `rot` + 1    | before it     | ended                                       |
 * | any other rotation      |               | ended                                       |
 * | ended                   |               | as it was                                   |
 *
 * It is one statement on one row, so refreshes of a session wait for each other, and each sees the row as the one
 * before has left it.
 * @param rules.graceSeconds judged by the database's clock
 * @param rules.expiresAt Unix time in seconds after which no token of the session can be valid
 * @returns the username, when the email was verified, the `rot` of the one token that is now good, whether this token
 *   has ended the session, and how often a spent token was used within its grace; null where the user is gone or of
 *   another generation, or the session had ended before
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function rotateSession(
  store: Store,
  { sub, gen, sid, rot }: SessionClaims,
  { graceSeconds, expiresAt }: { graceSeconds: number; expiresAt: number },
) {
  const used = sql`${rot}::int`
  const inGrace = sql`${sessions.rotatedAt} > clock_timestamp() - make_interval(secs => ${graceSeconds})`
  const moves = sql`${sessions.rotation} = ${used} AND NOT ${inGrace}`
  const reuses = sql`${sessions.rotation} = ${used} + 1 AND ${inGrace}`
  const insert = sql`
    INSERT INTO ${sessions} (sid, user_id, rotation, rotated_at, ended, expires_at)
    SELECT ${sid}, id, greatest(${used}, 1), clock_timestamp(), ${used} <> 0, to_timestamp(${expiresAt}) FROM subject
    ON CONFLICT (sid) DO UPDATE SET
      rotation = ${sessions.rotation} + (${moves})::int,
      rotated_at = CASE WHEN ${moves} THEN clock_timestamp() ELSE ${sessions.rotatedAt} END,
      grace_uses = ${sessions.graceUses} + (${reuses})::int,
      ended = NOT (${sessions.rotation} = ${used} OR (${reuses})),
      expires_at = greatest(${sessions.expiresAt}, excluded.expires_at)
    WHERE NOT ${sessions.ended}
    RETURNING rotation, ended, grace_uses`
  // A second try that arrives after the grace would count as a theft, so only a long grace allows one.
  const send = graceSeconds * 1000 > store.timeoutMs ? runRepeatable : run
  const [session] = await send(store, (db) => {
    const subject = db
      .$with('subject')
      .as(
        db
          .select({ id: users.id, username: users.username, emailVerifiedAt: users.emailVerifiedAt })
          .from(users)
          .where(isOfGeneration(sub, gen)),
      )
    const refreshed = db
      .$with('refreshed', {
        rotation: sql<number>`rotation`.as('rotation'),
        ended: sql<boolean>`ended`.as('ended'),
        graceUses: sql<number>`grace_uses`.as('grace_uses'),
      })
      .as(insert)
    return db
      .with(subject, refreshed)
      .select({
        username: subject.username,
        emailVerifiedAt: subject.emailVerifiedAt,
        rotation: refreshed.rotation,
        ended: refreshed.ended,
        graceUses: refreshed.graceUses,
      })
      .from(subject)
      .crossJoin(refreshed)
  })
  return session ?? null
}

/**
 * Ends a session for good. Safe to repeat.
 * @param expiresAt Unix time in seconds after which no token of the session can be valid
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function endSession(store: Store, { sub, sid, rot }: SessionClaims, expiresAt: number): Promise<void> {
  const row = {
    sid,
    userId: sub,
    rotation: rot,
    rotatedAt: sql`now()`,
    ended: true,
    expiresAt: sql`to_timestamp(${expiresAt})`,
  }
  await runRepeatable(store, (db) =>
    db
      .insert(sessions)
      .values(row)
      .onConflictDoUpdate({
        target: sessions.sid,
        set: { ended: true, expiresAt: sql`greatest(${sessions.expiresAt}, excluded.expires_at)` },
      }),
  )
}

/**
 * Deletes up to 20,000 rows of sessions whose tokens have all expired.
 * @returns whether there may be more
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function purgeSessions(store: Store): Promise<boolean> {
  const expired = sql`
    SELECT sid FROM ${sessions} WHERE ${sessions.expiresAt} < now()
    ORDER BY ${sessions.expiresAt} LIMIT ${PURGE_BATCH_ROWS} FOR UPDATE SKIP LOCKED`
  const { rows } = await run(store, (db) =>
    db.execute<{ count: number }>(sql`
      WITH deleted AS (DELETE FROM ${sessions} WHERE sid IN (${expired}) RETURNING 1)
      SELECT count(*)::int AS count FROM deleted`),
  )
  return rows[0]?.count === PURGE_BATCH_ROWS
}
