/** Shared by the rows of throughput: the same load on both sides, and the relation of their rates. */
import { compare, relateRates } from '../compare.ts'
import { applyLoad, type Load } from '../load.ts'
import { describeSides, formatNumber, type Outcome } from '../outcome.ts'
import type { Run } from '../run.ts'
import type { Workerd } from '../workerd.ts'

/** A side of a throughput row. Its load is made again for each round. */
export interface Contender {
  workerd: Workerd
  prepareLoad(): Promise<Load> | Load
}

/** Compares the throughput of the service with that of its baseline. */
export async function compareThroughput(
  { options }: Run,
  { row, target }: { row: string; target?: number | undefined },
  { service, baseline }: { service: Contender; baseline: Contender },
): Promise<Outcome> {
  const measure = async ({ workerd, prepareLoad }: Contender) => applyLoad(workerd, await prepareLoad())
  const result = await compare(options, row, {
    service: () => measure(service),
    baseline: () => measure(baseline),
    relate: relateRates,
  })
  return {
    row,
    service: `${formatNumber(result.service.rate)}/s`,
    baseline: `${formatNumber(result.baseline.rate)}/s`,
    relation: result.relation,
    target: target === undefined ? undefined : { sign: '≥', value: target },
    sides: await describeSides(result, { service: service.workerd, baseline: baseline.workerd }),
  }
}
