/** The records of an export as users, or as what keeps them from being any, a batch at a time and in the file's order. */
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
  /** It belongs to the shop's other data: nobody is missing without it. */
  isOther: boolean
}

/** What is told while a file is read. */
interface Reading {
  progress: Progress
  /** The file is no export, or not to its end. */
  onBroken(fault: BrokenFile): void
}

/** Yields the records of a file in batches of so many; what stands before a fault of the file is in the last one. */
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
