/** The records of an export: read as a stream, one in memory at a time, however long the file. */
import { createReadStream } from 'node:fs'
import Assembler from 'stream-json/assembler.js'
import { pipe, verifyFile } from 'stream-json/file/index.js'
import { jsonParser, type Token } from 'stream-json/parser.js'
import { Refusal } from '../../terminal.ts'

/** A small block keeps the progress bar honest: what has been read is no more than about 80 users ahead. */
const BLOCK_BYTES = 16 * 1024
/** MongoDB has no document of more than 16 MiB: something else is being read if no record ends in twice as much. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024

/** The file is no export; what was read before stays read. */
export class BrokenFile extends Refusal {}

/**
 * Yields the records of a file: the elements of arrays, those under `Items` of a scan's output, and documents one after
 * another, each on its own line or over several.
 * @param onRead is told how many bytes of the file have been read
 * @throws {BrokenFile} where it is no JSON, or ends too early; the records before have been yielded
 */
export async function* readRecords(path: string, onRead: (bytes: number) => void): AsyncGenerator<unknown> {
  const assembler = new Assembler<unknown>()
  let [read, readAtRecord, empty, ended] = [0, 0, true, false]

  async function* readText(): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    for await (const block of createReadStream(path, { highWaterMark: BLOCK_BYTES })) {
      read += block.length
      onRead(read)
      if (read - readAtRecord > MAX_RECORD_BYTES) throw new BrokenFile(`${path} does not look like a list of users`)
      yield decoder.decode(block, { stream: true })
    }
    ended = true
    yield decoder.decode()
  }

  try {
    for await (const token of pipe(readText, jsonParser({ jsonStreaming: true, streamValues: false }))<Token>()) {
      empty = false
      const records = takeRecords(assembler.consume(token))
      if (records.length > 0) readAtRecord = read
      yield* records
    }
  } catch (error) {
    throw error instanceof BrokenFile ? error : await describeFault(path, error, ended)
  }
  if (empty) throw new BrokenFile(`${path} is empty`)
}

/** What has become complete with the last token. */
function takeRecords({ done, current, stack }: Assembler<unknown>): unknown[] {
  if (done) return isList(current) ? [] : [current]
  const inList = stack.length === 0 || (stack.length === 2 && stack[1] === 'Items')
  return inList && Array.isArray(current) ? current.splice(0) : []
}

/** Its records have been taken one by one. */
function isList(value: unknown): boolean {
  return (
    Array.isArray(value) || (typeof value === 'object' && value !== null && 'Items' in value && isList(value.Items))
  )
}

/** Says where the fault is, never what stands there. */
async function describeFault(path: string, error: unknown, ended: boolean): Promise<Error> {
  if (!(error instanceof Error)) return new Error(String(error))
  if ('code' in error && error.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    const reason = error.code === 'ENOENT' ? 'is not there' : `cannot be read: ${error.code}`
    return new BrokenFile(`${path} ${reason}`)
  }
  const place = await verifyFile(path, { jsonStreaming: true }).then(
    () => '',
    ({ line }) => ` in line ${line}`,
  )
  return new BrokenFile(ended ? `${path} ends in the middle of a record${place}` : `${path} is not JSON${place}`)
}
