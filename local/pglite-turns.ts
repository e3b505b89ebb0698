/** PGlite as the socket server needs it: one session for many clients, which take turns. */
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'

/** First bytes of the messages that end an exchange: start-up, Query, Sync, Terminate. */
const lastOfExchange = new Set([0, ...Buffer.from('QSX')])

/** First bytes of the messages that hold SQL: Query and Parse. */
const withStatement = new Set(Buffer.from('QP'))

const SYNC = Uint8Array.from([...Buffer.from('S'), 0, 0, 0, 4])

/**
 * The socket server takes one message of each connection in turn, and stays with one connection only during a
 * transaction. It must also stay between Parse and Sync, where another client's statement would replace the first.
 */
export class TurnTakingPGlite extends PGlite {
  #midExchange = false

  constructor(options: PGliteOptions) {
    // PGlite 0.5.14 fills all buffers with zeros as it starts. With 128 MB, its default, that is half of the time.
    super({ startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'], ...options })
  }

  override isInTransaction(): boolean {
    return this.#midExchange || super.isInTransaction()
  }

  override async execProtocolRawStream(...args: Parameters<PGlite['execProtocolRawStream']>): Promise<void> {
    const [message, options] = args
    const type = message[0] ?? 0
    try {
      await super.execProtocolRawStream(withStatement.has(type) ? refuseCopy(message) : message, options)
    } catch {
      // PostgreSQL has exited, and the socket server would keep everybody waiting for ever, so the thread ends too.
      process.exit(1)
    }
    this.#midExchange = !lastOfExchange.has(type)
  }

  /** The socket server calls this to roll back the work of a client that is gone. */
  override async exec(...args: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    if (!this.#midExchange) return super.exec(...args)
    // The first call rolls back, unless there was an error: then PostgreSQL ignores every message until a Sync.
    await super.exec(...args)
    await super.execProtocolRaw(SYNC)
    this.#midExchange = false
    return super.exec(...args)
  }
}

/**
 * Puts the name of a file in place of STDIN in COPY FROM STDIN, which makes it an error like any other. PGlite 0.5.14
 * would exit, because it looks for the data in the same message, and there is none.
 */
function refuseCopy(message: Uint8Array): Uint8Array {
  const [head, body] = [message.subarray(0, 5), Buffer.from(message.subarray(5)).toString('latin1')]
  const refused = body.replace(
    /(\bcopy\b[^;]*\bfrom\s+)stdin\b/gi,
    "$1'COPY FROM STDIN (the embedded database has only INSERT)'",
  )
  if (refused === body) return message
  const changed = Buffer.concat([head, Buffer.from(refused, 'latin1')])
  changed.writeInt32BE(changed.length - 1, 1)
  return changed
}
