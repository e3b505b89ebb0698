/** Sends messages over the binding of Cloudflare's Email Service. No address and no link may reach the log. */
import type { Sender } from '../settings/mail.ts'
import type { Message } from './messages.ts'

/** The mail service of an isolate. */
export interface Mail {
  readonly binding: SendEmail
  readonly from: Sender
  /** The page that links lead to. */
  readonly link: string
  /** How long a message may take, both tries together. */
  readonly timeoutMs: number
}

const RETRY_DELAY_MS = 500
/** The codes of the Email Service's errors. Its messages may repeat an address. */
const CODE = /^E_[A-Z_]+$/

/** A message was not taken. The cause holds no address and may be logged. */
export class MailFailed extends Error {
  override readonly name = 'MailFailed'
}

/**
 * Sends a message, and once more where that failed.
 * @throws {MailFailed} where both tries failed, or the service did not answer in time
 */
export async function send(mail: Mail, to: string, message: Message): Promise<void> {
  const deadline = AbortSignal.timeout(mail.timeoutMs)
  const expired = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => reject(new MailFailed(`no answer within ${mail.timeoutMs} ms`)))
  })
  const attempt = () => Promise.race([mail.binding.send({ from: mail.from, to, ...message }), expired])
  try {
    await attempt().catch(async (error) => {
      if (error instanceof MailFailed) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS))
      await attempt()
    })
  } catch (error) {
    throw error instanceof MailFailed ? error : new MailFailed(findCode(error))
  }
}

function findCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return CODE.test(code) ? code : 'the binding failed without a code'
}
