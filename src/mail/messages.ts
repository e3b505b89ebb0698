/**
 * Writes the messages, each as text and HTML from one template. Of a person's own words only an email address may be in
 * one: anybody can register with somebody else's address, and would have us send them words of their own choice.
 */
import { html } from 'hono/html'

/** A message without sender and recipient. */
export interface Message {
  /** A constant: it becomes a header. */
  subject: string
  text: string
  html: string
}

/** A link in a message, and how many minutes it works. */
export interface ProofLink {
  link: string
  minutes: number
}

/** A paragraph of text, or a link as one of its own. */
type Paragraph = string | { link: string }

/** The link that sets a new password. */
export function resetPassword({ link, minutes }: ProofLink): Promise<Message> {
  return write('Choose a new password', [
    'Somebody asked for a new password for the account with this email address. If that was you, choose one here:',
    { link },
    `The link works once, within ${minutes} minutes.`,
    'If that was not you, do nothing. The password stays as it is.',
  ])
}

/** The link that proves an email address. */
export function verifyEmail({ link, minutes }: ProofLink): Promise<Message> {
  return write('Confirm your email address', [
    'Somebody gave this email address for an account. If that was you, confirm it here:',
    { link },
    `The link works once, within ${minutes} minutes.`,
    'If that was not you, do nothing.',
  ])
}

/** Tells a person that the password is new. */
export function passwordChanged(): Promise<Message> {
  return write('Your password was changed', [
    'The password of the account with this email address was changed, and all its sessions have ended.',
    'If that was not you, ask for a new password now.',
  ])
}

/** Tells the old address that the account moves to a new one, once that is confirmed. */
export function emailChangeAsked(email: string): Promise<Message> {
  return write('Your email address is about to change', [
    `Somebody who knows the password asked to move the account from this email address to ${email}. It moves once that address is confirmed.`,
    'If that was not you, ask for a new password now. That stops the change.',
  ])
}

/** Tells the old address that the account has moved to a new one. */
export function emailChanged(email: string): Promise<Message> {
  return write('Your email address was changed', [
    `Somebody who knows the password moved the account from this email address to ${email}.`,
    'If that was not you, tell the shop.',
  ])
}

async function write(subject: string, paragraphs: readonly Paragraph[]): Promise<Message> {
  const texts = paragraphs.map((paragraph) => (typeof paragraph === 'string' ? paragraph : paragraph.link))
  // The tag escapes whatever it is given.
  const body = paragraphs.map((paragraph) =>
    typeof paragraph === 'string'
      ? html`<p>${paragraph}</p>`
      : html`<p><a href="${paragraph.link}">${paragraph.link}</a></p>`,
  )
  const page =
    await html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${subject}</title></head><body>${body}</body></html>`
  return { subject, text: `${texts.join('\n\n')}\n`, html: String(page) }
}
