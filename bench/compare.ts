/** The service against its baseline: rounds in which both take their turn, and the medians of what they did. */
import type { Figures } from './load.ts'
import type { RunOptions } from './run.ts'

/** What each side did in one round, or in the median of all. */
export interface Round {
  service: Figures
  baseline: Figures
}

/** What came of a comparison. */
export interface Comparison extends Round {
  /** The median over the rounds of what `relate` made of each: what disturbs a machine disturbs both sides of a round. */
  relation: number
}

/**
 * Lets both sides take turns, one round more than asked for: the first one warms up and is not counted.
 * @param relate what the two figures of a round are to each other
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

/** The relation of throughputs: a service as fast as its baseline has 1. */
export function relateRates({ service, baseline }: Round): number {
  return service.rate / baseline.rate
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** Neither side always comes second, to a machine that the other has warmed up or worn out. */
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
