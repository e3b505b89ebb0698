/** Measures `POST /login` against the same PBKDF2 alone, and token checks while many people log in. */
import { compare } from '../compare.ts'
import { applyLoad, type Call, type Figures, type Load, send } from '../load.ts'
import { describeSides, formatNumber, type Outcome } from '../outcome.ts'
import { beginSession, describePerson, PASSWORD, times } from '../people.ts'
import type { Run } from '../run.ts'
import type { Workerd } from '../workerd.ts'
import { compareThroughput } from './throughput.ts'

/** The number of users who log in, in turn. */
export const USERS = 8
/** The number of logins at a time that keep one core at work. */
export const FEW = 4
const MANY = 16
/** About as many as one core can do. */
const LOGINS_PER_SECOND = 12

/** Measures how many logins are done in a second, a few at once. */
export async function measureLogin(run: Run): Promise<Outcome[]> {
  const { service, baseline, traffic } = await startSides(run)
  const prepareLoad = () => describeLogins(run, traffic, FEW)
  const row = { row: 'login', target: 0.95 }
  return [
    await compareThroughput(run, row, {
      service: { workerd: service, prepareLoad },
      baseline: { workerd: baseline, prepareLoad },
    }),
  ]
}

/** Measures how long one login alone takes. The baseline, unlike the service, never lets other requests in between. */
export async function measureLoginAlone(run: Run): Promise<Outcome[]> {
  const { service, baseline, traffic } = await startSides(run)
  const load = describeLogins(run, traffic, 1)
  const result = await compare(run.options, 'login-alone', {
    service: () => applyLoad(service, load),
    baseline: () => applyLoad(baseline, load),
    relate: (round) => round.baseline.p50 / round.service.p50,
  })
  return [
    {
      row: 'login-alone',
      service: `${formatNumber(result.service.p50)} ms`,
      baseline: `${formatNumber(result.baseline.p50)} ms`,
      relation: result.relation,
      sides: await describeSides(result, { service, baseline }),
    },
  ]
}

/** Measures the slowest token checks during logins, against the time of one login that has the Worker to itself. */
export async function measureVerifyDuringLogins(run: Run): Promise<Outcome[]> {
  const service = await run.start('service', { DATABASE_URL: await run.openDatabase() })
  const traffic = await registerUsers(service)
  const result = await compare(run.options, 'verify-during-logins', {
    service: () => checkDuringLogins(run, service, traffic),
    baseline: () => applyLoad(service, describeLogins(run, traffic, 1)),
    relate: (round) => round.service.p99 / round.baseline.p50,
  })
  return [
    {
      row: 'verify-during-logins',
      service: `p99 ${formatNumber(result.service.p99)} ms`,
      baseline: `${formatNumber(result.baseline.p50)} ms`,
      relation: result.relation,
      target: { sign: '<', value: 0.25 },
    },
  ]
}

async function checkDuringLogins(run: Run, service: Workerd, traffic: readonly Call[]): Promise<Figures> {
  const { seconds } = run.options
  const { access_token } = await beginSession(1)
  const checks = [{ path: '/verify-token', body: { access_token } }]
  const [figures] = await Promise.all([
    applyLoad(service, { connections: 1, traffic: checks, seconds }),
    // The logins begin with the checks and outlast them.
    applyLoad(service, { connections: MANY, traffic, seconds: seconds + 1 }),
  ])
  return figures
}

async function startSides(run: Run) {
  const service = await run.start('service', { DATABASE_URL: await run.openDatabase() })
  return { service, baseline: await run.start('pbkdf2'), traffic: await registerUsers(service) }
}

/** Describes a number of logins. A load of seconds would cut some off, which would be work without an answer. */
export function describeLogins(run: Run, traffic: readonly Call[], connections: number): Load {
  return { connections, traffic, seconds: 0, requests: run.options.seconds * LOGINS_PER_SECOND }
}

/** Registers users at the service's own cost; returns their logins. */
export async function registerUsers(service: Workerd): Promise<Call[]> {
  const run = crypto.randomUUID().slice(0, 8)
  const usernames = times(USERS, (number) => `login-${run}-${number}`)
  for (const username of usernames) await send(service, { path: '/register', body: describePerson(username) })
  return usernames.map((username) => ({ path: '/login', body: { username, password: PASSWORD } }))
}
