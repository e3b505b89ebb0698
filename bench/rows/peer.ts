/** Measures the service beside better-auth: a login, the check of a session, and a new token for it. */
import { startLocalDatabase } from '../../local/local-database.ts'
import { type Call, type Load, send } from '../load.ts'
import type { Outcome } from '../outcome.ts'
import { createPeerTables, PEER, preparePeerCalls, signUpUsers } from '../peer.ts'
import { beginSession, PASSWORD, times } from '../people.ts'
import type { Run } from '../run.ts'
import type { Workerd } from '../workerd.ts'
import { describeLogins, FEW, registerUsers, USERS } from './login.ts'
import { compareBundles, compareHashes } from './peer-cost.ts'
import { CONNECTIONS } from './statements.ts'
import { compareThroughput } from './throughput.ts'

/** The service, better-auth at its defaults, and better-auth with what its documentation advises for speed. */
type WorkerKey = 'service' | 'peer' | 'tunedPeer'
type Workers = Record<WorkerKey, Workerd>
/** The calls of each Worker. Users take turns. */
type Calls = Record<WorkerKey, Record<'login' | 'check' | 'refresh', Call[]>>

interface Task {
  row: string
  work: keyof Calls['service']
  /** The Worker that the service is compared with. */
  by: Exclude<WorkerKey, 'service'>
  target?: number
}

const TASKS: Task[] = [
  { row: 'sign-in', work: 'login', by: 'peer' },
  { row: 'session-check', work: 'check', by: 'peer', target: 10 },
  { row: 'token', work: 'refresh', by: 'peer', target: 2.5 },
  { row: 'sign-in-tuned', work: 'login', by: 'tunedPeer' },
  { row: 'session-check-tuned', work: 'check', by: 'tunedPeer' },
  { row: 'token-tuned', work: 'refresh', by: 'tunedPeer' },
]

/** Compares how fast each task is done and how often it asks the store, the work in a hash, and the bundles. */
export async function measurePeer(run: Run): Promise<Outcome[]> {
  const databaseUrl = await run.openDatabase()
  await createPeerTables(databaseUrl)
  const workers = await startWorkers(run, databaseUrl)
  const calls = await prepareCalls(workers)
  const outcomes: Outcome[] = []
  for (const task of TASKS) outcomes.push(await compareTask(run, task, { workers, calls }))
  outcomes.push(...(await compareTrips(run, databaseUrl, calls)))
  outcomes.push(await compareHashes(databaseUrl, PASSWORD), await compareBundles(run))
  return outcomes.map((outcome) => ({ ...outcome, peer: PEER }))
}

async function startWorkers(run: Run, DATABASE_URL: string): Promise<Workers> {
  const settings = { DATABASE_URL, NODE_ENV: 'production' }
  return {
    service: await run.start('service', settings),
    peer: await run.start('better-auth', settings),
    tunedPeer: await run.start('better-auth', { ...settings, TUNED: 'on' }),
  }
}

async function prepareCalls({ service, peer, tunedPeer }: Workers): Promise<Calls> {
  const sessions = await Promise.all(times(USERS, beginSession))
  const signIns = await signUpUsers(peer, USERS, PASSWORD)
  return {
    service: {
      login: await registerUsers(service),
      check: sessions.map(({ access_token }) => ({ path: '/verify-token', body: { access_token } })),
      refresh: sessions.map(({ refresh_token }) => ({ path: '/refresh-token', body: { refresh_token } })),
    },
    peer: await preparePeerCalls(peer, signIns),
    tunedPeer: await preparePeerCalls(tunedPeer, signIns),
  }
}

function compareTask(run: Run, { row, target, work, by }: Task, sides: { workers: Workers; calls: Calls }) {
  const load = (traffic: Call[]): Load =>
    work === 'login'
      ? describeLogins(run, traffic, FEW)
      : { connections: CONNECTIONS, traffic, seconds: run.options.seconds }
  const contend = (key: WorkerKey) => ({ workerd: sides.workers[key], prepareLoad: () => load(sides.calls[key][work]) })
  return compareThroughput(run, { row, target }, { service: contend('service'), baseline: contend(by) })
}

/** Counts each task's statements as they arrive at another stand-in before the same database. */
async function compareTrips(run: Run, databaseUrl: string, calls: Calls): Promise<Outcome[]> {
  let statements = 0
  const local = await startLocalDatabase({ databaseUrl, onStatement: () => statements++ })
  const workers = await startWorkers(run, local.url)
  const count = async (key: WorkerKey, work: Task['work']) => {
    // Only the second call counts, because a Worker does some things only once, such as making a key.
    for (const call of calls[key][work].slice(0, 2)) {
      statements = 0
      await send(workers[key], call)
    }
    return statements
  }
  const outcomes: Outcome[] = []
  for (const { row, work, by } of TASKS) {
    const [service, peer] = [await count('service', work), await count(by, work)]
    const relation = peer - service
    outcomes.push({ row: `${row}-trips`, service: `${service}`, baseline: `${peer}`, relation, unit: 'fewer' })
  }
  await run.stopWorkers()
  await local.close()
  return outcomes
}
