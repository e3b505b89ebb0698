/** Measures `GET /users` for a million users or more, against a loop that reads the same pages with the bare driver. */
import { once } from 'node:events'
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

const PAGE_USERS = 5_000
/** The list itself has hundreds of MiB. */
const MAX_GROWTH_MEBIBYTES = 64

/** Measures the speed, and whether workerd's memory stays as it was after the first list. */
export async function measureList(run: Run, users: number): Promise<Outcome[]> {
  const DATABASE_URL = await run.openDatabase()
  const { query } = await recordStatement((store) => findUsers(store, 'AFTER', PAGE_USERS))
  run.options.tell(`list: adding ${formatNumber(users)} users`)
  await runOn(DATABASE_URL, insertUsers(KNOWN_USERS + 1, users))
  await runOn(DATABASE_URL, 'ANALYZE users')
  const service = await run.start('service', { DATABASE_URL })
  const baseline = await run.start('list', { DATABASE_URL, SQL: query })
  run.options.tell('list: looking for each of them')
  await requireEveryUser(service, users)
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
    await describeSize(DATABASE_URL),
  ]
}

/** Reads the list and looks at the ids, which rise: each user must be there once. */
async function requireEveryUser(workerd: Workerd, users: number): Promise<void> {
  let last = 0
  let rest = ''
  for await (const chunk of await openList(workerd)) {
    const text = rest + chunk
    for (const [, id = ''] of text.matchAll(/"id":"(\w{24})"/g)) {
      const number = Number.parseInt(id, 16)
      // Registrations of other rows have ids that are no numbers of this kind.
      if (number > users) continue
      if (number !== last + 1) throw new Error(`user ${number} comes after user ${last}`)
      last = number
    }
    rest = text.slice(text.lastIndexOf('}') + 1)
  }
  if (last !== users) throw new Error(`the list has ${last} of ${users} users`)
}

async function describeSize(databaseUrl: string): Promise<Outcome> {
  const { rows } = await runOn(
    databaseUrl,
    "SELECT pg_table_size('users') / 1e9 AS table, pg_indexes_size('users') / 1e9 AS indexes",
  )
  const [table, indexes] = [Number(rows[0].table), Number(rows[0].indexes)]
  return {
    row: 'list-size',
    service: `table ${formatNumber(table)} GB`,
    baseline: `indexes ${formatNumber(indexes)} GB`,
    relation: table + indexes,
    unit: 'GB',
  }
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
  const { result: bytes, cpuMs } = await spendCpu(workerd, () => countBytes(workerd))
  const duration = performance.now() - start
  return { rate: bytes / 1000 / duration, p50: duration, p99: duration, cpuMs, busy: cpuMs && cpuMs / duration }
}

async function countBytes(workerd: Workerd): Promise<number> {
  let bytes = 0
  for await (const chunk of await openList(workerd)) bytes += chunk.length
  return bytes
}

async function openList({ url }: Workerd): Promise<IncomingMessage> {
  const [response] = await once(get(`${url}/users`), 'response')
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`)
  return response
}
