/** Reads an export in batches, in the order of the file: each record becomes a user, or a reason to skip it. */
import { BrokenFile } from './file-kind.ts'
import { findRecordId, type LegacyUser, OtherRecord, readUser, SkippedRecord } from './legacy-user.ts'
import type { Progress } from './progress.ts'
import { type FileRecord, readRecords } from './records.ts'

/** A user and the number of the record that it was read from. */
export interface Entry {
  record: number
  user: LegacyUser
}

/** A record that is no user. */
export interface Skipped {
  record: number
  id: string | undefined
  reason: string
  /** Whether it belongs to the shop's other data, such as a cart. Then nobody is missing. */
  isOther: boolean
}

/** Called while a file is read. */
interface Reading {
  progress: Progress
  /** Called at the end if the file is no export, or no whole one. */
  onBroken(fault: BrokenFile): void
}

/** Yields the records of a file in batches of `size`. The last batch has what was read before a fault of the file. */
export async function* readBatches(
  path: string,
  size: number,
  { progress, onBroken }: Reading,
): AsyncGenerator<(Entry | Skipped)[]> {
  let batch: (Entry | Skipped)[] = []
  let record = 0
  try {
    for await (const records of readRecords(path, progress.readBytes)) {
      for (const fileRecord of records) {
        progress.readRecord()
        if (batch.push(readEntry(++record, fileRecord)) < size) continue
        yield batch
        batch = []
      }
    }
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error
    onBroken(error)
  }
  yield batch
}

function readEntry(record: number, fileRecord: FileRecord): Entry | Skipped {
  if ('fault' in fileRecord) return { record, id: fileRecord.id, reason: fileRecord.fault, isOther: false }
  try {
    return { record, user: readUser(fileRecord.value) }
  } catch (error) {
    if (!(error instanceof SkippedRecord)) throw error
    const isOther = error instanceof OtherRecord
    return { record, id: findRecordId(fileRecord.value), reason: error.message, isOther }
  }
}
