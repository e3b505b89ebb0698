/** Mail that is on, over the runtime's own simulation of the binding, and what went over the binding's edge. */
import { env } from 'cloudflare:workers'
import { call, post } from './client.ts'

/** A message as the binding takes it. */
export interface SentMessage {
  from: { email: string; name: string }
  to: string
  subject: string
  text: string
  html: string
}

/** Settings with which mail is on, and every message that was sent with them. */
export function openMail(change: Record<string, unknown> = {}) {
  const sent: SentMessage[] = []
  const EMAIL = {
    send(message: SentMessage) {
      sent.push(message)
      return env.EMAIL.send(message)
    },
  }
  const settings: Record<string, unknown> = {
    MAIL_FROM: 'ACME Fitness <users@acmefitness.example>',
    MAIL_LINK: 'https://shop.acmefitness.example/account',
    EMAIL,
    ...change,
  }
  return { sent, settings, readProof: (email: string) => readProof(sent, email) }
}

/** A running mail, as the tests pass it on. */
export type TestMail = ReturnType<typeof openMail>

/** The proof in the latest message to an address that has one. */
function readProof(sent: SentMessage[], email: string): string {
  const texts = sent.filter(({ to }) => to === email).map(({ text }) => text)
  const [, token] =
    texts.flatMap((text) => [/#(?:password-reset|email-verification)=(\S+)$/m.exec(text) ?? []]).at(-1) ?? []
  if (!token) throw new Error(`no proof was sent to ${email}`)
  return token
}

/** `POST /password-reset`, and the proof that it sends. */
export async function askReset({ settings, readProof }: TestMail, email: string): Promise<string> {
  await post('/password-reset', { email }, { settings })
  return readProof(email)
}

/** `PUT /password-reset` */
export function reset({ settings }: TestMail, token: string, new_password = 'a forgotten horse battery') {
  return call('PUT', '/password-reset', { token, new_password }, { settings })
}

/** `POST /users/:id/email-verification`, and the proof that it sends. */
export async function askVerification(
  { settings, readProof }: TestMail,
  { id, email, accessToken: token }: { id: string; email: string; accessToken: string },
): Promise<string> {
  await call('POST', `/users/${id}/email-verification`, undefined, { settings, token })
  return readProof(email)
}

/** `PUT /email-verification` */
export function verify({ settings }: TestMail, token: string) {
  return call('PUT', '/email-verification', { token }, { settings })
}

/** `PATCH /users/:id` with a new email. */
export function changeEmail(
  { settings }: TestMail,
  { id, password, accessToken: token }: { id: string; password: string; accessToken: string },
  email: string,
) {
  return call('PATCH', `/users/${id}`, { email, current_password: password }, { settings, token })
}
