/** Sends messages about an account after the answer, which neither waits for them nor changes with them. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { type EmailProof, type ResetProof, signProof } from '../auth/proofs.ts'
import { type AppEnv, unixTime } from '../context.ts'
import { ApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'
import { type Message, resetPassword, verifyEmail } from '../mail/messages.ts'
import { send } from '../mail/send.ts'
import { countTry, hasTry } from './rate-limit.ts'

/** The message that takes each proof to its person. */
const MESSAGES = { 'password-reset': resetPassword, 'email-verification': verifyEmail }

/** The person that a message goes to. */
interface Recipient {
  id: string
  email: string
}

/** An account as an email is verified for it. */
interface Verifiable extends Recipient {
  generation: number
  emailVerifiedAt: Date | null
}

/**
 * Lets calls through where mail is on.
 * @throws {ApiError} `not_found`, whatever the method, as for a path that does not exist
 */
export const requireMail = createMiddleware<AppEnv>(async (c, next) => {
  if (!c.get('services').mail) throw new ApiError('not_found')
  await next()
})

/**
 * Counts a message that somebody asks for against the mailbox, whether anybody's account has the address or not.
 * @throws {ApiError} `too_many_requests`
 */
export function countMail(c: Context<AppEnv>, email: string): Promise<void> {
  return countTry(c, 'MAIL_BY_ACCOUNT', email.toLowerCase())
}

/** Sends a message once the call is answered, where mail is on. A failure is a line in the log. */
export function mailAfterwards(c: Context<AppEnv>, { id, email }: Recipient, make: () => Promise<Message>): void {
  const { mail } = c.get('services')
  if (!mail) return
  const deliver = async () => {
    // The next turn of the event loop comes after the answer: only then does an account cost more than none.
    await new Promise((resolve) => setTimeout(resolve))
    await send(mail, email, await make())
  }
  const report = (error: unknown) =>
    logEvent('mail_failed', { request: c.get('requestId'), user: id, cause: describeFailure(error) })
  c.executionCtx.waitUntil(deliver().catch(report))
}

/**
 * Sends a proof as a link. It is signed after the answer too, so that the answer takes no longer where there is an
 * account.
 */
export function mailProof(c: Context<AppEnv>, recipient: Recipient, proof: ResetProof | EmailProof): void {
  const { mail, tokens } = c.get('services')
  mailAfterwards(c, recipient, async () => {
    // Browsers send no fragment to a server, so the proof gets into no log of the shop.
    const link = `${mail?.link}#${proof.purpose}=${await signProof(tokens, proof, unixTime())}`
    return MESSAGES[proof.purpose]({ link, minutes: Math.floor(tokens.proof.seconds / 60) })
  })
}

/** Sends the link that verifies the email of an account, or another one that is to replace it. */
export function mailVerification(c: Context<AppEnv>, account: Verifiable, email = account.email): void {
  const { id, generation, email: current_email, emailVerifiedAt } = account
  const before = { current_email, verified_at: emailVerifiedAt?.getTime() ?? null }
  mailProof(c, { id, email }, { purpose: 'email-verification', sub: id, gen: generation, email, ...before })
}

/** Sends the link for an email that a person has just typed, unless its mailbox gets too many already. */
export async function mailFirstVerification(c: Context<AppEnv>, account: Verifiable): Promise<void> {
  if (!c.get('services').mail) return
  if (await hasTry(c, 'MAIL_BY_ACCOUNT', account.email.toLowerCase())) mailVerification(c, account)
}
