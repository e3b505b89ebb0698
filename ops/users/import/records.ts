/** Reads the records of an export as a stream, so that a file of any length needs little memory. */
import { readBlocks } from './blocks.ts'
import { isFields } from './dynamodb.ts'
import { BrokenFile } from './file-kind.ts'
import { NOT_UTF8 } from './json.ts'
import { type Broken, type Read, Splitter } from './splitter.ts'

/** A record of a file, or the reason why it cannot be read, with its id if that was found. */
export type FileRecord = { value: unknown } | { fault: string; id: string | undefined }

/** The faults of a file as a whole. */
interface Flaws {
  /** The last page of a scan says that there are more. */
  isPartial: boolean
  isForeign: boolean
}

/** The id in the text of a broken record, in each form that exports use. */
const ID = /"(?:_id|id|SK)"\s*:\s*(?:\{\s*"(?:\$oid|S)"\s*:\s*)?"([0-9A-Za-z-]{1,64})"/

/**
 * Yields the records of a file, block by block: the elements of a list, those under `Items` of a scan's pages, or
 * documents one after another.
 * @param onRead is told how many bytes of the file have been read
 * @throws {BrokenFile} if the file is of another kind, or not whole. Its records have been yielded by then
 */
export async function* readRecords(path: string, onRead: (bytes: number) => void): AsyncGenerator<FileRecord[]> {
  const splitter = new Splitter()
  const flaws: Flaws = { isPartial: false, isForeign: false }
  for await (const block of readBlocks(path, onRead)) yield takeRecords(splitter.push(block), flaws)
  yield takeRecords(splitter.end(), flaws)
  const flaw = describeFlaw(splitter, flaws)
  if (flaw) throw new BrokenFile(`${path} ${flaw}`)
}

function takeRecords(pieces: (Read | Broken)[], flaws: Flaws): FileRecord[] {
  const records: FileRecord[] = []
  for (const piece of pieces) {
    if ('fault' in piece) records.push(describeBroken(piece))
    else if ('page' in piece) flaws.isPartial = isPartial(piece.page)
    else records.push(piece)
  }
  flaws.isForeign ||= pieces.some((piece) => 'fault' in piece && piece.fault === NOT_UTF8)
  return records
}

/** Names the line of the fault, never its text: that may hold a password. */
function describeBroken({ fault, text, line }: Broken): FileRecord {
  return { fault: `${fault}, in line ${line}`, id: ID.exec(text)?.[1] }
}

/** Every page but the last names the place to go on from: the AWS CLI in a token, other tools in a key. */
function isPartial(page: unknown): boolean {
  const { NextToken, LastEvaluatedKey } = isFields(page) ? page : {}
  return [NextToken, LastEvaluatedKey].some((place) => Boolean(place) && JSON.stringify(place) !== '{}')
}

function describeFlaw({ isEmpty, isCutOff }: Splitter, { isPartial, isForeign }: Flaws): string | undefined {
  if (isEmpty) return 'is empty: nothing has been exported. Export it again'
  if (isCutOff)
    return 'ends too early, in the middle of a record or a list: it is not the whole export. Export it again'
  if (isPartial) {
    return 'is not the whole table: its last page has a NextToken or a LastEvaluatedKey. Scan again without --max-items and --no-paginate, or add the pages that are missing'
  }
  if (isForeign) {
    return 'is not all in UTF-8, but perhaps in Latin-1. Convert it, and import that: iconv -f WINDOWS-1252 -t UTF-8'
  }
  return undefined
}
