/** What it costs to start: CPU time from the start of workerd to the first answer, against a bare Hono app. */
import { Refusal } from '../../dev/terminal.ts'
import { compare } from '../compare.ts'
import type { Figures } from '../load.ts'
import { formatNumber, type Outcome } from '../outcome.ts'
import { beginSession } from '../people.ts'
import type { Run } from '../run.ts'
import { SETTINGS } from '../settings.ts'
import { startWorkerd } from '../workerd.ts'

/** One start takes as long as another only on average. */
const STARTS_PER_ROUND = 5
const MAX_MORE_MS = 15

/** Both answer the same request: one that needs the service's configuration, its keys and a schema. */
export async function measureStartUp(run: Run): Promise<Outcome[]> {
  const [service, hono] = [await run.build('service'), await run.build('hono')]
  const { access_token } = await beginSession(1)
  const body = JSON.stringify({ access_token })
  const result = await compare(run.options, 'start-up', {
    service: () => startOften(service, body),
    limit: () => startOften(hono, body),
    relate: (round) => (round.service.cpuMs ?? Number.NaN) - (round.limit.cpuMs ?? Number.NaN),
  })
  return [
    {
      row: 'start-up',
      service: `${formatNumber(result.service.cpuMs ?? Number.NaN)} ms CPU`,
      limit: `${formatNumber(result.limit.cpuMs ?? Number.NaN)} ms CPU`,
      relation: result.relation,
      target: { sign: '≤', value: MAX_MORE_MS, unit: 'ms' },
    },
  ]
}

async function startOften(configuration: string, body: string): Promise<Figures> {
  let cpuMs = 0
  for (let start = 0; start < STARTS_PER_ROUND; start++) cpuMs += await startOnce(configuration, body)
  return { rate: Number.NaN, p50: Number.NaN, p99: Number.NaN, cpuMs: cpuMs / STARTS_PER_ROUND, busy: null }
}

async function startOnce(configuration: string, body: string): Promise<number> {
  const workerd = await startWorkerd(configuration, SETTINGS)
  try {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${workerd.url}/verify-token`, { method: 'POST', headers, body })
    if (!response.ok) throw new Refusal(`The first answer has the status ${response.status}`)
    await response.text()
    return (await workerd.readCpuMs()) ?? Number.NaN
  } finally {
    await workerd.stop()
  }
}
