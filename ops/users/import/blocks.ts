/** Reads an export block by block, and converts UTF-16 to UTF-8. */
import { open } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { BrokenFile, detectEncoding, type Encoding, refuseOtherText } from './file-kind.ts'

/** Small, because the progress bar shows what has been read, which must not be far ahead of what is imported. */
const BLOCK_BYTES = 64 * 1024

/**
 * Yields the blocks of a file; each is good until the next is asked for.
 * @param onRead is told how many bytes of the file have been read
 * @throws {BrokenFile} if the file cannot be read, or is of another kind
 */
export async function* readBlocks(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  try {
    await using file = await open(path)
    const memory = Buffer.alloc(BLOCK_BYTES)
    let read = 0
    let toUtf8: ((block: Buffer) => Buffer) | undefined
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, BLOCK_BYTES)
      if (bytesRead === 0) return
      const block = memory.subarray(0, bytesRead)
      toUtf8 ??= createConverter(detectEncoding(path, block))
      const converted = toUtf8(block)
      if (read === 0) refuseOtherText(path, converted.toString())
      read += bytesRead
      onRead(read)
      yield converted
    }
  } catch (error) {
    throw describeFailure(path, error)
  }
}

function createConverter(encoding: Encoding): (block: Buffer) => Buffer {
  if (encoding === 'utf-8') return (block) => block
  const decoder = new StringDecoder('utf16le')
  let rest = Buffer.alloc(0)
  return (block) => {
    const bytes = Buffer.concat([rest, block])
    const whole = bytes.subarray(0, bytes.length & ~1)
    rest = bytes.subarray(whole.length)
    const text = decoder.write(encoding === 'utf-16be' ? whole.swap16() : whole)
    return Buffer.from(escapeSurrogates(text))
  }
}

/** UTF-8 has no form for half a character. As an escape it reaches the check of its field. */
function escapeSurrogates(text: string): string {
  return text.replace(/\p{Cs}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`)
}

function describeFailure(path: string, error: unknown): unknown {
  if (error instanceof BrokenFile || !(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'EISDIR') return new BrokenFile(`${path} is a folder. Name the file in it that is to be imported`)
  return new BrokenFile(`${path} cannot be read: ${error.code}`)
}
