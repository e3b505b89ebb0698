/** What a row says in the end. */
import type { Comparison } from './compare.ts'
import type { Figures } from './load.ts'
import type { Workerd } from './workerd.ts'

/** One line of the results. */
export interface Outcome {
  row: string
  /** The peer that stands in the baseline's place, if one does. */
  peer?: string
  /** What was measured, of the service and of its baseline. */
  service: string
  baseline: string
  /** What they are to each other, in a unit of its own unless it is a ratio. */
  relation: number
  unit?: string
  /** What the relation must be; none for a row that only informs. */
  target?: Target | undefined
  /** What the service and its baseline did, where both were under load. */
  sides?: Side[]
}

/** What a relation must be. */
export interface Target {
  sign: '≥' | '≤' | '<'
  value: number
}

/** What one side did. */
export interface Side {
  figures: Figures
  memory: Awaited<ReturnType<Workerd['readMemory']>>
}

/** Whether a relation meets a target. */
export function meets(relation: number, { sign, value }: Target): boolean {
  if (sign === '≥') return relation >= value
  return sign === '<' ? relation < value : relation <= value
}

/** Describes both sides of a comparison, the service's first. */
export async function describeSides(
  { service, baseline }: Comparison,
  workers: { service: Workerd; baseline: Workerd },
): Promise<Side[]> {
  return [
    { figures: service, memory: await workers.service.readMemory() },
    { figures: baseline, memory: await workers.baseline.readMemory() },
  ]
}

/** Writes a number with as many digits as mean something. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
