/**
 * The door to PGlite for clients that may send anything. PGlite exits, for everybody, at what is no message, and it has
 * one session for all: what a client has set there is undone when it leaves.
 */
import { connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'

/** What a client may ask for in place of a protocol version: encryption, of one kind or the other. */
const encryptionRequests = new Set([80_877_103, 80_877_104])
const PROTOCOL_3_0 = 196_608

const MAX_START_UP_BYTES = 10_000
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

/** How long a client may take over its first message. */
const START_UP_MILLISECONDS = 5_000

/** First bytes of what a client sends once it has started, but for passwords and the data of COPY: PGlite takes neither. */
const messageTypes = new Set(Buffer.from('BCDEFHPQSX'))

/** In place of every client's own: PGlite has one user and one database, and exits at names that it cannot read. */
const names = Buffer.from('user\0postgres\0database\0postgres\0\0')
const startUpMessage = Buffer.from([0, 0, 0, 8 + names.length, 0, 3, 0, 0, ...names])

/** Serves a client of the PGlite at `url` until it leaves. */
export async function servePGliteClient(client: Socket, url: string): Promise<void> {
  const { port, host } = new pg.Client(url)
  client.setTimeout(START_UP_MILLISECONDS, () => client.destroy())
  try {
    await pipeline(client, (source) => readMessages(source, client), connect(port, host), client)
  } catch {
    // Either side has cut it off.
  }
  // Fails only while the database is being closed.
  await resetSession(url).catch(() => {})
}

/** Passes on whole messages; ends the connection at the first that is none. */
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
      throw new Error('Another protocol, or a request to cancel what PGlite runs at once')
    client.write('N')
  }
}

/** PGlite's DISCARD ALL leaves the user as it is: a server's own knows who has logged in. */
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

  /** The next bytes, which stay; throws where the stream ends before that. */
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
