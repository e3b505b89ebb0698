/** What it costs to start, against a bare Hono app: an isolate, and a whole workerd until it has answered. */
import { Refusal } from '../../dev/terminal.ts'
import { compare } from '../compare.ts'
import type { Figures } from '../load.ts'
import { formatNumber, type Outcome, type Target } from '../outcome.ts'
import { beginSession } from '../people.ts'
import type { Run } from '../run.ts'
import { SETTINGS } from '../settings.ts'
import { MAX_MORE_MS, spendStart } from '../start.ts'
import { startWorkerd } from '../workerd.ts'

/** One start takes as long as another only on average. */
const STARTS_PER_ROUND = 5

/** An isolate, up to where it may be sent requests. */
export function measureStartUp(run: Run): Promise<Outcome[]> {
  return compareCpu(run, 'start-up', spendStart, { sign: '≤', value: MAX_MORE_MS })
}

/** A process, up to its first answer, which needs the service's configuration, its keys and a schema. */
export async function measureFirstAnswer(run: Run): Promise<Outcome[]> {
  const { access_token } = await beginSession(1)
  const body = JSON.stringify({ access_token })
  return compareCpu(run, 'first-answer', async (configuration) => {
    let cpuMs = 0
    for (let start = 0; start < STARTS_PER_ROUND; start++) cpuMs += await answerOnce(configuration, body)
    return cpuMs / STARTS_PER_ROUND
  })
}

async function compareCpu(
  run: Run,
  row: string,
  spend: (configuration: string) => Promise<number | null>,
  target?: Target,
): Promise<Outcome[]> {
  const [service, hono] = [await run.build('service'), await run.build('hono')]
  const result = await compare(run.options, row, {
    service: async () => describe(await spend(service)),
    limit: async () => describe(await spend(hono)),
    relate: ({ service, limit }) => (service.cpuMs ?? Number.NaN) - (limit.cpuMs ?? Number.NaN),
  })
  const write = ({ cpuMs }: Figures) => `${formatNumber(cpuMs ?? Number.NaN)} ms CPU`
  return [
    {
      row,
      service: write(result.service),
      limit: write(result.limit),
      relation: result.relation,
      unit: 'ms',
      target,
    },
  ]
}

function describe(cpuMs: number | null): Figures {
  return { rate: Number.NaN, p50: Number.NaN, p99: Number.NaN, cpuMs, busy: null }
}

async function answerOnce(configuration: string, body: string): Promise<number> {
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
