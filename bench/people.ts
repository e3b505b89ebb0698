/** Makes the users of the benchmark, who are known by number, and their sessions. */
import { importTokenKinds } from '../src/auth/keys.ts'
import { openSession, verifyRefreshToken } from '../src/auth/tokens.ts'
import { loadConfig } from '../src/config.ts'
import { SETTINGS } from './settings.ts'

/** The number of users when a run begins. They are numbered from 1. */
export const KNOWN_USERS = 1_000

/** The password of everybody who registers. */
export const PASSWORD = 'correct horse battery'

const kinds = await importTokenKinds(loadConfig(SETTINGS))

/** Writes the SQL that inserts the users of these numbers. Nobody can log in as one of them. */
export function insertUsers(from: number, to: number): string {
  return `INSERT INTO users (id, username, email, firstname, lastname, password_hash, generation)
    SELECT lpad(to_hex(n), 24, '0'), 'user-' || n, 'user-' || n || '@acmefitness.com', 'Jane', 'Doe', 'x', n
    FROM generate_series(${from}, ${to}) n`
}

/** Describes somebody of that name who registers. */
export function describePerson(username: string) {
  return { username, password: PASSWORD, firstname: 'Jane', lastname: 'Doe', email: `${username}@example.com` }
}

/** Returns the id of the user of that number. */
export function nameId(number: number): string {
  return number.toString(16).padStart(24, '0')
}

/** Begins a session as a login would, without the database. */
export async function beginSession(number: number) {
  const now = Math.floor(Date.now() / 1000)
  const subject = { id: nameId(number), username: `user-${number}`, generation: number, emailVerifiedAt: null }
  const { access_token, refresh_token } = await openSession(kinds, subject, now)
  const claims = await verifyRefreshToken(kinds, refresh_token, now)
  if (!claims) throw new Error('A token that was just signed is not valid')
  return { number, access_token, refresh_token, sid: claims.sid }
}

/** Makes one of something for each of the numbers 1 to `count`. */
export function times<Result>(count: number, make: (number: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => make(index + 1))
}
