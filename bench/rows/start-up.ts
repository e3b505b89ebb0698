/** Measures the cost of a new isolate, against a bare Hono app: its start, and its first answer after that. */
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '../../ops/terminal.ts'
import { compare } from '../compare.ts'
import { type Figures, spendCpu } from '../load.ts'
import { formatNumber, type Outcome, type Target } from '../outcome.ts'
import { beginSession } from '../people.ts'
import type { Run } from '../run.ts'
import { SETTINGS } from '../settings.ts'
import { spendStart } from '../start.ts'
import { startWorkerd } from '../workerd.ts'

/** Starts vary, so that only their mean says something. */
const STARTS_PER_ROUND = 5
/** The wait after a start, after which the process does nothing more that would count as its first answer. */
const SETTLE_MS = 300

/** Measures an isolate up to the moment when requests may be sent to it. */
export function measureStartUp(run: Run): Promise<Outcome[]> {
  return compareCpu(run, 'start-up', { spend: spendStart, target: { sign: '≤', value: 60 } })
}

/** Measures the first answer of an isolate that has started. It needs configuration, keys and a schema. */
export async function measureFirstAnswer(run: Run): Promise<Outcome[]> {
  const { access_token } = await beginSession(1)
  const body = JSON.stringify({ access_token })
  const spend = async (configuration: string) => {
    let cpuMs = 0
    for (let start = 0; start < STARTS_PER_ROUND; start++) cpuMs += await answerOnce(configuration, body)
    return cpuMs / STARTS_PER_ROUND
  }
  return compareCpu(run, 'first-answer', { spend, target: { sign: '≤', value: 10 } })
}

async function compareCpu(
  run: Run,
  row: string,
  { spend, target }: { spend: (configuration: string) => Promise<number | null>; target: Target },
): Promise<Outcome[]> {
  const [service, hono] = [await run.build('service'), await run.build('hono')]
  const result = await compare(run.options, row, {
    service: async () => describe(await spend(service)),
    baseline: async () => describe(await spend(hono)),
    relate: ({ service, baseline }) => (service.cpuMs ?? Number.NaN) - (baseline.cpuMs ?? Number.NaN),
  })
  const write = ({ cpuMs }: Figures) => `${formatNumber(cpuMs ?? Number.NaN)} ms CPU`
  return [
    {
      row,
      service: write(result.service),
      baseline: write(result.baseline),
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
    await setTimeout(SETTLE_MS)
    const { cpuMs } = await spendCpu(workerd, async () => {
      const headers = { 'Content-Type': 'application/json' }
      const response = await fetch(`${workerd.url}/verify-token`, { method: 'POST', headers, body })
      if (!response.ok) throw new Refusal(`The first answer has the status ${response.status}`)
      await response.text()
    })
    return cpuMs ?? Number.NaN
  } finally {
    await workerd.stop()
  }
}
