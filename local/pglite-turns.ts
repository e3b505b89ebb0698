/** PGlite as the socket server needs it: one session for many clients, each of which has its turn. */
import { PGlite } from '@electric-sql/pglite'

/** First bytes of the messages after which PostgreSQL owes nothing more: start-up, Query, Sync, Terminate. */
const lastOfExchange = new Set([0, ...Buffer.from('QSX')])

/** Those that have SQL in them: Query and Parse. */
const withStatement = new Set(Buffer.from('QP'))

const SYNC = Uint8Array.from([...Buffer.from('S'), 0, 0, 0, 4])

/**
 * The socket server passes messages on one by one and lets one connection go on only during a transaction. One that is
 * between Parse and Sync needs the same, or another's statement takes the place of its own.
 */
export class TurnTakingPGlite extends PGlite {
  #midExchange = false

  override isInTransaction(): boolean {
    return this.#midExchange || super.isInTransaction()
  }

  override async execProtocolRawStream(...args: Parameters<PGlite['execProtocolRawStream']>): Promise<void> {
    const [message, options] = args
    const type = message[0] ?? 0
    try {
      await super.execProtocolRawStream(withStatement.has(type) ? refuseCopy(message) : message, options)
    } catch {
      // PostgreSQL has exited. The socket server would take nobody's turn any more: better that the thread ends too.
      process.exit(1)
    }
    this.#midExchange = !lastOfExchange.has(type)
  }

  /** The socket server calls this to roll back what a client that is gone has begun. */
  override async exec(...args: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    if (!this.#midExchange) return super.exec(...args)
    // After an error PostgreSQL ignores every message until that client's Sync. Without one, this aborts its work.
    await super.exec(...args)
    await super.execProtocolRaw(SYNC)
    this.#midExchange = false
    return super.exec(...args)
  }
}

/**
 * PGlite 0.5.14 exits at COPY FROM STDIN: it looks for the data in the same message, and there is none. With a file's name
 * in its place that is an error like any other.
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
