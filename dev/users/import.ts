/** `npm run users:import`: brings the users of an earlier ACME service. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { Refusal } from '../terminal.ts'
import type { UsersDatabase } from './database.ts'
import { type Entry, importBatch, type Outcome, rehearseBatch } from './import/batch.ts'
import { createDirectory } from './import/directory.ts'
import type { Hashing } from './import/hashing.ts'
import { readUser, SkippedRecord } from './import/legacy-user.ts'
import { createProgress, type Progress } from './import/progress.ts'
import { BrokenFile, readRecords } from './import/records.ts'
import { openReport, type Report } from './import/report.ts'
import { readIterations } from './iterations.ts'
import { formatCount, formatDuration } from './text.ts'

/** The most that a kill can lose: at full cost a few seconds of hashing. */
const BATCH_USERS = 200

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
  isStopping: boolean
}

/** Imports a file. A second run finds what the first one has imported, and goes on from there. */
export async function importUsers(
  { db, place }: UsersDatabase,
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
  const failure = await importAll(job, { db, iterations, dryRun })
  const seconds = (performance.now() - began) / 1000
  console.log(`${file} into the database ${place}, ${dryRun ? 'a dry run' : formatDuration(seconds)}`)
  printCounts(job.counts, dryRun)
  if (job.counts.skipped > 0) console.log(`Which were skipped, and why: ${report}`)
  if (failure) throw failure
  if (job.isStopping) console.log('This was not all of the file: run it again to go on')
  return job.isStopping ? 130 : 0
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
    isStopping: false,
  }
}

/** Returns what has ended it before the file did, unless that was an interruption. */
async function importAll(
  job: Import,
  { db, iterations, dryRun }: { db: NodePgDatabase; iterations: number; dryRun: boolean },
): Promise<Refusal | undefined> {
  const everybody = createDirectory()
  try {
    for await (const batch of readBatches(job)) {
      const options = { db, onOutcome: (entry: Entry, outcome: Outcome) => settle(job, entry, outcome) }
      if (dryRun) await rehearseBatch(batch, everybody, options)
      else await importBatch(batch, { ...options, hashing: createHashing(job, iterations) })
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

/** Skips what is no user. What stands before a fault in the file is worth importing. */
async function* readBatches(job: Import): AsyncGenerator<Entry[]> {
  let batch: Entry[] = []
  let record = 0
  try {
    for await (const value of readRecords(job.path, job.progress.readBytes)) {
      if (job.isStopping) return
      job.progress.readRecord()
      const entry = readEntry(job, ++record, value)
      if (entry && batch.push(entry) === BATCH_USERS) {
        yield batch
        batch = []
      }
    }
  } catch (error) {
    if (error instanceof BrokenFile) yield batch
    throw error
  }
  yield batch
}

function readEntry(job: Import, record: number, value: unknown): Entry | undefined {
  try {
    return { record, user: readUser(value) }
  } catch (error) {
    if (!(error instanceof SkippedRecord)) throw error
    skip(job, record, error.message)
    return undefined
  }
}

function settle(job: Import, { record, user }: Entry, outcome: Outcome): void {
  if (typeof outcome === 'string') job.counts[outcome]++
  else skip(job, record, `(${user.id}) ${outcome.reason}`)
}

function skip(job: Import, record: number, reason: string): void {
  job.counts.skipped++
  job.report.add(`record ${record}: ${reason}`)
}

function sum({ imported, 'already there': present, skipped }: Import['counts']): number {
  return imported + present + skipped
}
