/** Measures `GET /users` for a million users, against a loop that reads the same pages with the bare driver. */
import { get, type IncomingMessage } from 'node:http'
import { findUsers } from '../../src/db/users.ts'
import { runOn } from '../../test/support/process/postgres.ts'
import { compare, relateRates } from '../compare.ts'
import { type Figures, spendCpu } from '../load.ts'
import { describeSides, formatNumber, type Outcome } from '../outcome.ts'
import { insertUsers, KNOWN_USERS } from '../people.ts'
import type { Run } from '../run.ts'
import { recordStatement } from '../statements.ts'
import type { Workerd } from '../workerd.ts'

const USERS = 1_000_000
const PAGE_USERS = 5_000
/** The list itself has hundreds of MiB. */
const MAX_GROWTH_MEBIBYTES = 64

/** Measures the speed, and whether workerd's memory stays as it was after the first list. */
export async function measureList(run: Run): Promise<Outcome[]> {
  const DATABASE_URL = await run.openDatabase()
  const { query } = await recordStatement((store) => findUsers(store, 'AFTER', PAGE_USERS))
  run.options.tell(`list: adding ${formatNumber(USERS)} users`)
  await runOn(DATABASE_URL, insertUsers(KNOWN_USERS + 1, USERS))
  await runOn(DATABASE_URL, 'ANALYZE users')
  const service = await run.start('service', { DATABASE_URL })
  const baseline = await run.start('list', { DATABASE_URL, SQL: query })
  await readList(service)
  const before = await service.readMemory()
  const result = await compare(run.options, 'list', {
    service: () => readList(service),
    baseline: () => readList(baseline),
    relate: relateRates,
  })
  const after = await service.readMemory()
  return [
    {
      row: 'list',
      service: `${formatNumber(result.service.rate)} MB/s`,
      baseline: `${formatNumber(result.baseline.rate)} MB/s`,
      relation: result.relation,
      target: { sign: '≥', value: 0.9 },
      sides: await describeSides(result, { service, baseline }),
    },
    ...(before && after ? [describeGrowth(before.peak, after.peak)] : []),
  ]
}

function describeGrowth(before: number, after: number): Outcome {
  return {
    row: 'list-memory',
    service: `peak ${formatNumber(after)} MiB`,
    baseline: `${formatNumber(before)} MiB after the first list`,
    relation: after - before,
    unit: 'MiB',
    target: { sign: '≤', value: MAX_GROWTH_MEBIBYTES },
  }
}

/** Reads the whole list and drops it. The rate is in megabytes a second, and the times are those of one list. */
async function readList(workerd: Workerd): Promise<Figures> {
  const start = performance.now()
  const { result: bytes, cpuMs } = await spendCpu(workerd, () => countBytes(`${workerd.url}/users`))
  const duration = performance.now() - start
  return { rate: bytes / 1000 / duration, p50: duration, p99: duration, cpuMs, busy: cpuMs && cpuMs / duration }
}

async function countBytes(url: string): Promise<number> {
  const response = await ask(url)
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`)
  let bytes = 0
  for await (const chunk of response) bytes += chunk.length
  return bytes
}

function ask(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).once('error', reject))
}
