/** The results of rows. */
import type { Comparison } from './compare.ts'
import type { Figures } from './load.ts'
import type { Workerd } from './workerd.ts'

/** One line of the results. */
export interface Outcome {
  row: string
  /** The peer in the baseline's place, if there is one. */
  peer?: string
  /** The measured value of each side, in words. */
  service: string
  baseline: string
  /** The relation of the two values: a ratio, unless it has a unit. */
  relation: number
  unit?: string
  /** The target of the relation. A row that only informs has none. */
  target?: Target | undefined
  /** The figures of the service and its baseline, if both were under load. */
  sides?: Side[]
}

/** The bound that a relation must keep. */
export interface Target {
  sign: '≥' | '≤' | '<'
  value: number
}

/** The figures of one side. */
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

/** Writes a number with three digits. More would mean nothing. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
