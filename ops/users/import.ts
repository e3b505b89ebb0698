/** `npm run users:import`: brings the users of an earlier ACME service. */
import { stat } from 'node:fs/promises'
import type { Client } from 'pg'
import { Refusal, resolveGiven } from '../terminal.ts'
import type { UsersDatabase } from './database.ts'
import { beginBatch, finishBatch, type Outcomes, rehearseBatch } from './import/batch.ts'
import { type Entry, readBatches, type Skipped } from './import/entries.ts'
import { createHasher } from './import/hashing.ts'
import { createProgress, type Progress } from './import/progress.ts'
import { Rehearsal } from './import/rehearsal.ts'
import { openReport, type Report } from './import/report.ts'
import { readIterations } from './iterations.ts'
import { formatCount, formatDuration } from './text.ts'

/** A kill loses two batches at most: at full cost a few seconds of hashing each. */
const BATCH_USERS = 100
/** A dry run has nothing to lose, and larger batches ask a distant database less often. */
const REHEARSED_USERS = 1_000

/** Exit status of an import that left somebody out. */
const SOMEBODY_SKIPPED = 2
const INTERRUPTED = 130

/** The flags of an import. */
export interface ImportOptions {
  report?: string
  dryRun?: boolean
  iterations?: string
}

/** An import that is under way. */
interface Import {
  path: string
  bytes: number
  progress: Progress
  report: Report
  counts: { imported: number; 'already there': number; skipped: number }
  /** Whether a record was skipped that may be a user's, and not the shop's other data. */
  isSomebodySkipped: boolean
  /** Users whose password has been hashed, in unfinished batches too. */
  hashed: number
  isStopping: boolean
  /** The reason why it ended before the file did. */
  failure?: Refusal
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
  const job = await begin(resolveGiven(file), resolveGiven(report))
  void stopped.then(() => {
    job.isStopping = true
  })
  const began = performance.now()
  await finish(job, dryRun ? rehearseAll(job, client) : importAll(job, client, iterations))
  const seconds = (performance.now() - began) / 1000
  console.log(`${file} into the database ${place}, ${dryRun ? 'a dry run' : formatDuration(seconds)}`)
  printCounts(job.counts, dryRun)
  if (job.counts.skipped > 0) console.log(`The skipped records, with the reasons: ${report}`)
  if (job.failure) throw job.failure
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
    bytes: size,
    progress: createProgress(size),
    report: openReport(reportPath, path),
    counts: { imported: 0, 'already there': 0, skipped: 0 },
    isSomebodySkipped: false,
    hashed: 0,
    isStopping: false,
  }
}

async function finish(job: Import, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    job.failure = error
  } finally {
    job.progress.clear()
    job.report.close()
  }
}

/** Imports batch by batch. Each begins before the one before it is done, so that hashing never pauses. */
async function importAll(job: Import, client: Client, iterations: number): Promise<void> {
  const hash = createHasher({
    iterations,
    isStopping: () => job.isStopping,
    onHashed: () => {
      job.hashed++
      showProgress(job)
    },
  })
  let finishLast = async () => {}
  for await (const batch of readAll(job, BATCH_USERS)) {
    const begun = await beginBatch(client, batch.filter(isUser), hash)
    await finishLast()
    finishLast = async () => settle(job, batch, await finishBatch(client, begun))
  }
  await finishLast()
}

async function rehearseAll(job: Import, client: Client): Promise<void> {
  const rehearsal = new Rehearsal(job.bytes)
  try {
    for await (const batch of readAll(job, REHEARSED_USERS)) {
      settle(job, batch, await rehearseBatch(client, batch.filter(isUser), rehearsal))
    }
  } finally {
    rehearsal.close()
  }
}

async function* readAll(job: Import, size: number): AsyncGenerator<(Entry | Skipped)[]> {
  const onBroken = (fault: Refusal) => {
    job.failure = fault
  }
  for await (const batch of readBatches(job.path, size, { progress: job.progress, onBroken })) {
    if (job.isStopping) return
    yield batch
  }
}

function isUser(entry: Entry | Skipped): entry is Entry {
  return 'user' in entry
}

/** Counts the records of a batch, and reports the skipped ones. Entries that an interruption left out do not count. */
function settle(job: Import, batch: (Entry | Skipped)[], outcomes: Outcomes): void {
  for (const entry of batch) {
    const outcome = isUser(entry) ? outcomes.get(entry) : entry
    if (typeof outcome === 'string') job.counts[outcome]++
    else if (outcome) skip(job, isUser(entry) ? { ...entry, ...outcome, id: entry.user.id, isOther: false } : entry)
  }
  showProgress(job)
}

function showProgress({ progress, counts, hashed }: Import): void {
  progress.show(Math.max(hashed, counts.imported) + counts['already there'] + counts.skipped)
}

function skip(job: Import, { record, id, reason, isOther }: Skipped): void {
  job.counts.skipped++
  job.isSomebodySkipped ||= !isOther
  job.report.add(`record ${record}: ${id === undefined ? '' : `(${id}) `}${reason}`)
}

function sum({ imported, 'already there': present, skipped }: Import['counts']): number {
  return imported + present + skipped
}
