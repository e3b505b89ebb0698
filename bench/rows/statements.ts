/** The calls that run one statement, each against a Worker that runs the same with the bare driver. */
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

/** Enough that workerd always has work, and the more, the longer a statement takes. */
export const CONNECTIONS = 16
/** Whom calls are about, in turn. */
const USERS = 100

/** A call and its statement; settings beside those that all have. */
interface StatementRow {
  row: string
  statement: Statement
  settings?: Record<string, string>
  /** What the limit does beside the statement. */
  work?: Work
}

/** Compares a call with its statement. */
export async function compareWithStatement(
  run: Run,
  { row, statement, settings = {}, work }: StatementRow,
  prepare: Record<'service' | 'limit', () => Promise<Load['traffic']> | Load['traffic']>,
): Promise<Outcome[]> {
  const DATABASE_URL = await run.openDatabase()
  const common = { connections: CONNECTIONS, seconds: run.options.seconds }
  const outcome = await compareThroughput(
    run,
    { row, target: 0.9 },
    {
      service: {
        workerd: await run.start('service', { ...settings, DATABASE_URL }),
        prepareLoad: async () => ({ ...common, traffic: await prepare.service() }),
      },
      limit: {
        workerd: await run.start('statement', { ...(work ? { WORK: work } : {}), SQL: statement.query, DATABASE_URL }),
        prepareLoad: async () => ({ ...common, traffic: await prepare.limit() }),
      },
    },
  )
  return [outcome]
}

/** `GET /users/:id` */
export async function measureGetUser(run: Run): Promise<Outcome[]> {
  const statement = await recordStatement((database) => findUser(database, 'ID'))
  const traffic = times(USERS, (number) => ({ path: `/users/${nameId(number)}` }))
  return compareWithStatement(run, { row: 'get-user', statement }, { service: () => traffic, limit: () => traffic })
}

/** `POST /register`, with the fewest iterations that are accepted: this is about all the rest. */
export function measureRegister(run: Run): Promise<Outcome[]> {
  return compareRegister(run, { row: 'register' })
}

/** The same, where the limit hashes too: of the time of a bare statement so few iterations are still more than half. */
export function measureRegisterHashed(run: Run): Promise<Outcome[]> {
  return compareRegister(run, { row: 'register-hashed', work: 'hash' })
}

async function compareRegister(run: Run, row: Omit<StatementRow, 'statement'>): Promise<Outcome[]> {
  const password = 'correct horse battery'
  const names = { firstname: 'Jane', lastname: 'Doe' }
  const passwordHash = await hashPassword(password, PASSWORD_ITERATIONS.min)
  const statement = await recordStatement((database) =>
    insertUser(database, { ...names, id: 'ID', username: 'USERNAME', email: 'EMAIL', passwordHash }),
  )
  const nextIdentity = createIdentities()
  return compareWithStatement(
    run,
    { ...row, statement, settings: { PBKDF2_ITERATIONS: String(PASSWORD_ITERATIONS.min) } },
    {
      service: () => () => ({
        next: () => ({ path: '/register', body: { ...names, ...nextIdentity(), password } }),
      }),
      limit: () => () => ({
        next() {
          const { username, email } = nextIdentity()
          const id = newUserId(Math.floor(Date.now() / 1000))
          return { path: '/', body: fillIn(statement, { ID: id, USERNAME: username, EMAIL: email }) }
        },
      }),
    },
  )
}

/** `POST /refresh-token` without rotation. */
export function measureRefresh(run: Run): Promise<Outcome[]> {
  return compareRefresh(run, { row: 'refresh' })
}

/** The same, where the limit verifies a token and signs one too. */
export function measureRefreshSigned(run: Run): Promise<Outcome[]> {
  return compareRefresh(run, { row: 'refresh-signed', work: 'tokens' })
}

async function compareRefresh(run: Run, row: Omit<StatementRow, 'statement'>): Promise<Outcome[]> {
  const statement = await recordStatement((database) =>
    findSessionUser(database, { sub: 'SUB', gen: GENERATION, sid: 'SID', rot: 0 }),
  )
  const sessions = await Promise.all(times(USERS, beginSession))
  return compareWithStatement(
    run,
    { ...row, statement },
    {
      service: () => sessions.map(({ refresh_token }) => ({ path: '/refresh-token', body: { refresh_token } })),
      limit: () =>
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
