/** Measures calls that run one statement, each against a Worker that runs the same one with the bare driver. */
import { hashPassword } from '../../src/auth/passwords.ts'
import { PASSWORD_ITERATIONS } from '../../src/config.ts'
import { findSessionUser } from '../../src/db/sessions.ts'
import { newUserId } from '../../src/db/user-id.ts'
import { findUser, insertUser } from '../../src/db/users.ts'
import type { Work } from '../baselines/work.ts'
import type { Load } from '../load.ts'
import type { Outcome } from '../outcome.ts'
import { beginSession, nameId, times } from '../people.ts'
import type { Run } from '../run.ts'
import { fillIn, recordStatement, type Statement } from '../statements.ts'
import { compareThroughput } from './throughput.ts'

/** Enough connections that workerd always has work, while statements are under way. */
export const CONNECTIONS = 16
/** The number of users whom the calls are about, in turn. */
const USERS = 100

/** A call and its statement. `settings` are those beside `SETTINGS`. */
interface StatementRow {
  row: string
  statement: Statement
  /** The least share of the baseline's throughput. */
  target: number
  settings?: Record<string, string>
  /** The cryptography that the baseline does beside the statement. */
  work?: Work
}

/** Compares a call with its statement. */
export async function compareWithStatement(
  run: Run,
  { row, statement, target, settings = {}, work }: StatementRow,
  prepare: Record<'service' | 'baseline', () => Promise<Load['traffic']> | Load['traffic']>,
): Promise<Outcome[]> {
  const DATABASE_URL = await run.openDatabase()
  const common = { connections: CONNECTIONS, seconds: run.options.seconds }
  const outcome = await compareThroughput(
    run,
    { row, target },
    {
      service: {
        workerd: await run.start('service', { ...settings, DATABASE_URL }),
        prepareLoad: async () => ({ ...common, traffic: await prepare.service() }),
      },
      baseline: {
        workerd: await run.start('statement', { ...(work ? { WORK: work } : {}), SQL: statement.query, DATABASE_URL }),
        prepareLoad: async () => ({ ...common, traffic: await prepare.baseline() }),
      },
    },
  )
  return [outcome]
}

/** Measures `GET /users/:id`. */
export async function measureGetUser(run: Run): Promise<Outcome[]> {
  const statement = await recordStatement((store) => findUser(store, 'ID'))
  const traffic = times(USERS, (number) => ({ path: `/users/${nameId(number)}` }))
  return compareWithStatement(
    run,
    { row: 'get-user', statement, target: 0.8 },
    { service: () => traffic, baseline: () => traffic },
  )
}

/** Measures `POST /register` with the fewest iterations that are accepted, because this row is about all the rest. */
export async function measureRegister(run: Run): Promise<Outcome[]> {
  const password = 'correct horse battery'
  const names = { firstname: 'Jane', lastname: 'Doe' }
  const passwordHash = await hashPassword(password, PASSWORD_ITERATIONS.min)
  const statement = await recordStatement((store) =>
    insertUser(store, { ...names, id: 'ID', username: 'USERNAME', email: 'EMAIL', passwordHash }),
  )
  const nextIdentity = createIdentities()
  return compareWithStatement(
    run,
    {
      row: 'register',
      statement,
      target: 0.85,
      settings: { PBKDF2_ITERATIONS: String(PASSWORD_ITERATIONS.min) },
      work: 'hash',
    },
    {
      service: () => () => ({
        next: () => ({ path: '/register', body: { ...names, ...nextIdentity(), password } }),
      }),
      baseline: () => () => ({
        next() {
          const { username, email } = nextIdentity()
          const id = newUserId(Math.floor(Date.now() / 1000))
          return { path: '/', body: fillIn(statement, { ID: id, USERNAME: username, EMAIL: email }) }
        },
      }),
    },
  )
}

/** Measures `POST /refresh-token` without rotation. */
export async function measureRefresh(run: Run): Promise<Outcome[]> {
  const statement = await recordStatement((store) =>
    findSessionUser(store, { sub: 'SUB', gen: GENERATION, sid: 'SID', rot: 0 }),
  )
  const sessions = await Promise.all(times(USERS, beginSession))
  return compareWithStatement(
    run,
    { row: 'refresh', statement, target: 0.75, work: 'refresh' },
    {
      service: () => sessions.map(({ refresh_token }) => ({ path: '/refresh-token', body: { refresh_token } })),
      baseline: () =>
        sessions.map(({ number, sid }) => ({
          path: '/',
          body: fillIn(statement, { SUB: nameId(number), SID: sid, [GENERATION]: number }),
        })),
    },
  )
}

/** A number that stands for a generation in a recorded statement. */
const GENERATION = 1_000_001

/** Returns a function that names somebody new each time. */
function createIdentities() {
  const prefix = `bench-${crypto.randomUUID().slice(0, 8)}`
  let count = 0
  return () => {
    const username = `${prefix}-${++count}`
    return { username, email: `${username}@example.com` }
  }
}
