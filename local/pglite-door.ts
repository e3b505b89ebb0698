/**
 * Protects PGlite from clients, which may send anything. PGlite exits, for everybody, at bytes that are not a message,
 * so only messages are passed on. It has one session for all clients, so that is reset when a client leaves.
 */
import { connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'

/** The codes that stand in place of a protocol version when a client asks for encryption: TLS and GSSAPI. */
const encryptionRequests = new Set([80_877_103, 80_877_104])
const PROTOCOL_3_0 = 196_608

const MAX_START_UP_BYTES = 10_000
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

/** The time that a client has for its first message. */
const START_UP_MILLISECONDS = 5_000

/** First bytes of a client's later messages, without passwords and the data of COPY, of which PGlite takes neither. */
const messageTypes = new Set(Buffer.from('BCDEFHPQSX'))

/** Replaces the names that a client gives: PGlite has one user and one database, and exits at names it cannot read. */
const names = Buffer.from('user\0postgres\0database\0postgres\0\0')
const startUpMessage = Buffer.from([0, 0, 0, 8 + names.length, 0, 3, 0, 0, ...names])

/** Serves a client of the PGlite at `url` until it leaves. */
export async function servePGliteClient(client: Socket, url: string): Promise<void> {
  const { port, host } = new pg.Client(url)
  client.setTimeout(START_UP_MILLISECONDS, () => client.destroy())
  try {
    await pipeline(client, (source) => readMessages(source, client), connect(port, host), client)
  } catch {
    // One of the sides has cut the connection.
  }
  // Fails only while the database is being closed.
  await resetSession(url).catch(() => {})
}

/** Passes on whole messages, and ends the connection at bytes that are not a message. */
async function* readMessages(source: AsyncIterable<Buffer>, client: Socket): AsyncGenerator<Buffer> {
  const bytes = new ByteReader(source)
  yield await readStartUp(bytes, client)
  client.setTimeout(0)
  for (;;) {
    const head = await bytes.peek(5)
    const length = head.readInt32BE(1)
    if (!messageTypes.has(head[0] ?? 0) || length < 4 || length > MAX_MESSAGE_BYTES) throw new Error('Not a message')
    yield await bytes.take(1 + length)
  }
}

async function readStartUp(bytes: ByteReader, client: Socket): Promise<Buffer> {
  for (;;) {
    const head = await bytes.peek(8)
    const [length, code] = [head.readInt32BE(0), head.readInt32BE(4)]
    if (length < 8 || length > MAX_START_UP_BYTES) throw new Error('Not a start-up message')
    await bytes.take(length)
    if (code === PROTOCOL_3_0) return startUpMessage
    if (!encryptionRequests.has(code))
      throw new Error('Another protocol, or a request to cancel a statement, which PGlite does not know')
    client.write('N')
  }
}

/** Resets the session. PGlite's DISCARD ALL does not reset the user, as that of a server does. */
async function resetSession(url: string): Promise<void> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  await client.query('SET SESSION AUTHORIZATION postgres')
  await client.query('DISCARD ALL')
  await client.end()
}

/** A stream, read in pieces of known length. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** Returns the next bytes without taking them; throws if the stream ends before that. */
  async peek(length: number): Promise<Buffer> {
    const chunks = [this.#held]
    for (let held = this.#held.length; held < length; ) {
      const { value, done } = await this.#chunks.next()
      if (done) throw new Error('The stream has ended')
      chunks.push(value)
      held += value.length
    }
    this.#held = Buffer.concat(chunks)
    return this.#held.subarray(0, length)
  }

  async take(length: number): Promise<Buffer> {
    const taken = await this.peek(length)
    this.#held = this.#held.subarray(length)
    return taken
  }
}
