/** `npm run users:import`: brings the users of an earlier ACME service. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Client } from 'pg'
import { Refusal } from '../terminal.ts'
import type { UsersDatabase } from './database.ts'
import { importBatch, type Outcome, rehearseBatch } from './import/batch.ts'
import { createDirectory } from './import/directory.ts'
import { type Entry, readBatches, type Skipped } from './import/entries.ts'
import type { Hashing } from './import/hashing.ts'
import { createProgress, type Progress } from './import/progress.ts'
import { openReport, type Report } from './import/report.ts'
import { readIterations } from './iterations.ts'
import { formatCount, formatDuration } from './text.ts'

/** The most that a kill can lose: at full cost a few seconds of hashing. */
const BATCH_USERS = 200

/** Exit status of an import that somebody was left out of. */
const SOMEBODY_SKIPPED = 2
const INTERRUPTED = 130

/** Where the command was called from; npm runs it in the project's folder, and says so. */
const calledFrom = process.env.INIT_CWD ?? process.cwd()

/** The flags. */
export interface ImportOptions {
  report?: string
  dryRun?: boolean
  iterations?: string
}

/** An import that is under way. */
interface Import {
  path: string
  progress: Progress
  report: Report
  counts: { imported: number; 'already there': number; skipped: number }
  /** Whether somebody who may be a user was skipped, and not only other data of the shop. */
  isSomebodySkipped: boolean
  isStopping: boolean
}

/**
 * Imports a file. A second run finds what the first one has imported, and goes on from there.
 * @returns the exit status: 0 if everybody in the file is in the database
 */
export async function importUsers(
  { client, place }: UsersDatabase,
  file: string,
  { report = `${file}.skipped.txt`, dryRun = false, ...flags }: ImportOptions,
  stopped: Promise<void>,
): Promise<number> {
  const iterations = readIterations(flags.iterations)
  const job = await begin(resolve(calledFrom, file), resolve(calledFrom, report))
  void stopped.then(() => {
    job.isStopping = true
  })
  const began = performance.now()
  const failure = await importAll(job, { client, iterations, dryRun })
  const seconds = (performance.now() - began) / 1000
  console.log(`${file} into the database ${place}, ${dryRun ? 'a dry run' : formatDuration(seconds)}`)
  printCounts(job.counts, dryRun)
  if (job.counts.skipped > 0) console.log(`Which were skipped, and why: ${report}`)
  if (failure) throw failure
  return conclude(job)
}

function conclude({ counts, isSomebodySkipped, isStopping, path }: Import): number {
  if (isStopping) {
    console.log('This was not all of the file: run it again to go on')
    return INTERRUPTED
  }
  if (counts.imported + counts['already there'] > 0) return isSomebodySkipped ? SOMEBODY_SKIPPED : 0
  console.error(`No user has been found in ${path}`)
  return SOMEBODY_SKIPPED
}

function printCounts(counts: Import['counts'], dryRun: boolean): void {
  const { imported, ...others } = counts
  const rows = { read: sum(counts), [dryRun ? 'to import' : 'imported']: imported, ...others }
  for (const [name, count] of Object.entries(rows)) {
    console.log(`  ${name.padEnd('already there'.length)} ${formatCount(count).padStart(11)}`)
  }
}

async function begin(path: string, reportPath: string): Promise<Import> {
  const { size } = await stat(path).catch(({ code }) => {
    throw new Refusal(code === 'ENOENT' ? `There is no file ${path}` : `${path} cannot be read: ${code}`)
  })
  return {
    path,
    progress: createProgress(size),
    report: openReport(reportPath, path),
    counts: { imported: 0, 'already there': 0, skipped: 0 },
    isSomebodySkipped: false,
    isStopping: false,
  }
}

/** Returns what has ended it before the file did, unless that was an interruption. */
async function importAll(
  job: Import,
  { client, iterations, dryRun }: { client: Client; iterations: number; dryRun: boolean },
): Promise<Refusal | undefined> {
  const everybody = createDirectory()
  try {
    for await (const batch of readBatches(job.path, BATCH_USERS, job.progress)) {
      if (job.isStopping) break
      const outcomes = new Map<Entry, Outcome>()
      const options = { client, onOutcome: (entry: Entry, outcome: Outcome) => outcomes.set(entry, outcome) }
      const users = batch.filter((entry) => 'user' in entry)
      try {
        if (dryRun) await rehearseBatch(users, everybody, options)
        else await importBatch(users, { ...options, hashing: createHashing(job, iterations) })
      } finally {
        for (const entry of batch) settle(job, entry, outcomes)
      }
      job.progress.show(sum(job.counts))
    }
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  } finally {
    job.progress.clear()
    job.report.close()
  }
}

function createHashing(job: Import, iterations: number): Hashing {
  let settled = sum(job.counts)
  return {
    iterations,
    isStopping: () => job.isStopping,
    onHashed: () => job.progress.show(++settled),
  }
}

/** Counts a record, and reports it if it is left out; one that an interruption has left has no outcome. */
function settle(job: Import, entry: Entry | Skipped, outcomes: Map<Entry, Outcome>): void {
  if ('reason' in entry) {
    skip(job, entry)
    return
  }
  const outcome = outcomes.get(entry)
  if (typeof outcome === 'string') job.counts[outcome]++
  else if (outcome) skip(job, { ...outcome, record: entry.record, id: entry.user.id, isOther: false })
}

function skip(job: Import, { record, id, reason, isOther }: Skipped): void {
  job.counts.skipped++
  job.isSomebodySkipped ||= !isOther
  job.report.add(`record ${record}: ${id === undefined ? '' : `(${id}) `}${reason}`)
}

function sum({ imported, 'already there': present, skipped }: Import['counts']): number {
  return imported + present + skipped
}
