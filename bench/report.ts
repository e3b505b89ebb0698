/** Writes results as a page of Markdown whose tables read well on a terminal, too. */
import { describeRun } from './machine.ts'
import { formatNumber, meets, type Outcome } from './outcome.ts'
import type { RunOptions } from './run.ts'

/** Writes the whole result of a run. */
export async function writeReport(options: RunOptions, outcomes: readonly Outcome[]): Promise<string> {
  const parts = ['# Benchmarks', await describeRun(options)]
  for (const [peer, group] of Map.groupBy(outcomes, (outcome) => outcome.peer)) {
    if (peer !== undefined) parts.push(`## Beside ${peer}`)
    parts.push(writeOutcomes(group, peer))
  }
  if (outcomes.some(({ sides }) => sides)) parts.push('## Both sides under load', writeSides(outcomes))
  return `${parts.join('\n\n')}\n`
}

/** Writes one line for each row: service, baseline or peer, their relation, and whether it meets its target. */
function writeOutcomes(outcomes: readonly Outcome[], peer = 'baseline'): string {
  return writeTable(
    ['row', 'service', peer, 'measured', 'target', ''],
    outcomes.map((outcome) => {
      const { row, service, baseline, relation, unit, target } = outcome
      const withUnit = (value: string) => (unit ? `${value} ${unit}` : value)
      const measured = withUnit(unit ? formatNumber(relation) : relation.toFixed(2))
      const verdict = target
        ? [`${target.sign} ${withUnit(String(target.value))}`, meets(relation, target) ? 'met' : 'missed']
        : ['', '']
      return [row, service, baseline, measured, ...verdict]
    }),
  )
}

/** Writes one line for each side that was under load. */
function writeSides(outcomes: readonly Outcome[]): string {
  return writeTable(
    ['row', 'side', 'per second', 'p50 ms', 'p99 ms', 'CPU ms each', 'core busy', 'memory MiB', 'peak MiB'],
    outcomes.flatMap(({ row, peer = 'baseline', sides = [] }) =>
      sides.map(({ figures: { rate, p50, p99, cpuMs, busy }, memory }, index) => [
        row,
        index === 0 ? 'service' : peer,
        ...[rate, p50, p99, cpuMs].map((value) => (value === null ? '–' : formatNumber(value))),
        busy === null ? '–' : `${Math.round(busy * 100)}%`,
        ...[memory?.now, memory?.peak].map((value) => (value === undefined ? '–' : formatNumber(value))),
      ]),
    ),
  )
}

/** Writes a table whose columns stand below each other. */
export function writeTable(head: string[], lines: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)))
  const write = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [write(head), write(widths.map((width) => '-'.repeat(Math.max(width, 3)))), ...lines.map(write)].join('\n')
}
