/** Every statement about sessions. A session has a row only once it has rotated or ended. */
import { and, eq, notExists, or, type SQL, sql } from 'drizzle-orm'
import { type Database, prepareOnce, run } from './client.ts'
import { sessions, users } from './schema.ts'

/** The claims by which a token names its session; those of access tokens have no `rot`. */
export interface SessionClaims {
  sub: string
  gen: number
  sid: string
  rot: number
}

/** A fifth of a second, of the five that a statement has. */
const PURGE_BATCH_ROWS = 20_000

/** The SQL condition that the session `sid` has not ended. */
export function hasNotEnded(database: Database, sid: string): SQL {
  return notExists(
    database.repeatable
      .select({ one: sql`1` })
      .from(sessions)
      .where(and(eq(sessions.sid, sid), sessions.ended)),
  )
}

/** The user whom a token's claims are about, as long as no generation has followed. */
const isSubject = and(eq(users.id, sql.placeholder('sub')), eq(users.generation, sql.placeholder('gen')))

const sessionUser = prepareOnce((client) => {
  const { placeholder } = sql
  const isDead = or(sessions.ended, sql`${sessions.rotation} <> ${placeholder('rot')}`)
  const dead = client
    .select({ one: sql`1` })
    .from(sessions)
    .where(and(eq(sessions.sid, placeholder('sid')), isDead))
  return client
    .select({ id: users.id, username: users.username, generation: users.generation })
    .from(users)
    .where(and(isSubject, notExists(dead)))
    .prepare('session_user')
})

/** Whom a refreshed token is about; null where the user is gone or changed, or the session has ended or moved on. */
export async function findSessionUser(database: Database, { sub, gen, sid, rot }: SessionClaims) {
  const [user] = await run(sessionUser(database.repeatable).execute({ sub, gen, sid, rot }))
  return user ?? null
}

const rotation = prepareOnce((client) => {
  const { placeholder } = sql
  const rot = sql`${placeholder('rot')}::int`
  const isCurrent = sql`NOT ${sessions.ended} AND ${sessions.rotation} = ${rot}`
  const inGrace = sql`${sessions.rotation} = ${rot} + 1
    AND ${sessions.rotatedAt} > clock_timestamp() - make_interval(secs => ${placeholder('graceSeconds')})`
  const subject = client
    .$with('subject')
    .as(client.select({ id: users.id, username: users.username }).from(users).where(isSubject))
  const rotated = client
    .$with('rotated', {
      rotation: sql<number>`rotation`.as('rotation'),
      ended: sql<boolean>`ended`.as('ended'),
    })
    .as(sql`
      INSERT INTO ${sessions} (sid, user_id, rotation, rotated_at, ended, expires_at)
      SELECT ${placeholder('sid')}, id, ${rot} + 1, clock_timestamp(), ${rot} <> 0, to_timestamp(${placeholder('expiresAt')})
      FROM subject
      ON CONFLICT (sid) DO UPDATE SET
        rotation = CASE WHEN ${isCurrent} THEN excluded.rotation ELSE ${sessions.rotation} END,
        rotated_at = CASE WHEN ${isCurrent} THEN clock_timestamp() ELSE ${sessions.rotatedAt} END,
        ended = ${sessions.ended} OR NOT ((${isCurrent}) OR (${inGrace})),
        expires_at = greatest(${sessions.expiresAt}, excluded.expires_at)
      RETURNING rotation, ended`)
  return client
    .with(subject, rotated)
    .select({ username: subject.username, rotation: rotated.rotation, ended: rotated.ended })
    .from(subject)
    .crossJoin(rotated)
    .prepare('session_rotation')
})

/**
 * Spends a refresh token. The current one moves the session on; its direct predecessor, within the grace, leaves it
 * where it is; any other ends it. One statement on one row: PostgreSQL lets each wait for the one before, and judge the
 * row as that one left it.
 * @param graceSeconds judged by the database's clock
 * @param expiresAt Unix time in seconds after which no token of the session can be valid
 * @returns the username, the `rot` of the one token that is now good, and whether the session has ended; null where the
 *   user is gone or of another generation
 */
export async function rotateSession(
  database: Database,
  claims: SessionClaims,
  rules: { graceSeconds: number; expiresAt: number },
) {
  const [session] = await run(rotation(database.repeatable).execute({ ...claims, ...rules }))
  return session ?? null
}

/**
 * Ends a session, once and for all.
 * @param expiresAt Unix time in seconds after which no token of the session can be valid
 */
export async function endSession(
  database: Database,
  { sub, sid, rot }: SessionClaims,
  expiresAt: number,
): Promise<void> {
  await run(
    database.repeatable
      .insert(sessions)
      .values({
        ...{ sid, userId: sub, rotation: rot, rotatedAt: sql`now()`, ended: true },
        expiresAt: sql`to_timestamp(${expiresAt})`,
      })
      .onConflictDoUpdate({
        target: sessions.sid,
        set: { ended: true, expiresAt: sql`greatest(${sessions.expiresAt}, excluded.expires_at)` },
      }),
  )
}

/** Deletes one batch of rows about tokens that have all expired; returns whether it was a full one. */
export async function purgeSessions(database: Database): Promise<boolean> {
  const expired = sql`
    SELECT sid FROM ${sessions} WHERE ${sessions.expiresAt} < now()
    ORDER BY ${sessions.expiresAt} LIMIT ${PURGE_BATCH_ROWS} FOR UPDATE SKIP LOCKED`
  const rows = await run(
    database.once.execute<{ count: number }>(sql`
      WITH deleted AS (DELETE FROM ${sessions} WHERE sid IN (${expired}) RETURNING 1)
      SELECT count(*) FROM deleted`),
  )
  return rows[0]?.count === PURGE_BATCH_ROWS
}
