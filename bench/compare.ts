/** Compares the service with its baseline: both take turns in each round, and the medians of all rounds count. */
import type { Figures } from './load.ts'
import type { RunOptions } from './run.ts'

/** The figures of each side in one round, or the medians of all rounds. */
export interface Round {
  service: Figures
  baseline: Figures
}

/** The result of a comparison. */
export interface Comparison extends Round {
  /** The median of each round's relation. It is steady, because a disturbed machine disturbs both sides of a round. */
  relation: number
}

/**
 * Lets both sides take turns, for one round more than asked for: the first one warms up and is not counted.
 * @param relate computes the relation of the two sides of a round
 */
export async function compare(
  { rounds, tell }: RunOptions,
  row: string,
  sides: { [Side in keyof Round]: () => Promise<Figures> } & { relate(round: Round): number },
): Promise<Comparison> {
  const counted: Round[] = []
  for (let round = 0; round <= rounds; round++) {
    tell(`${row}: ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`)
    const played = await play(sides, round % 2 === 0)
    if (round > 0) counted.push(played)
  }
  return {
    service: takeMedians(counted.map(({ service }) => service)),
    baseline: takeMedians(counted.map(({ baseline }) => baseline)),
    relation: median(counted.map(sides.relate)),
  }
}

/** Computes the relation of throughputs, which is 1 for a service as fast as its baseline. */
export function relateRates({ service, baseline }: Round): number {
  return service.rate / baseline.rate
}

/** Returns the middle one of some numbers, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** Plays one round. The sides take turns at being first, which may warm up or wear out the machine for the second. */
async function play(sides: { [Side in keyof Round]: () => Promise<Figures> }, isServiceFirst: boolean): Promise<Round> {
  if (isServiceFirst) return { service: await sides.service(), baseline: await sides.baseline() }
  const baseline = await sides.baseline()
  return { service: await sides.service(), baseline }
}

function takeMedians(all: readonly Figures[]): Figures {
  const of = (name: keyof Figures) => all.map((figures) => figures[name]).filter((value) => value !== null)
  const orNull = (values: number[]) => (values.length > 0 ? median(values) : null)
  return {
    rate: median(of('rate')),
    p50: median(of('p50')),
    p99: median(of('p99')),
    cpuMs: orNull(of('cpuMs')),
    busy: orNull(of('busy')),
  }
}
