/**
 * Looks new passwords up among those of known breaches, with the range call of Have I Been Pwned. Five digits of a SHA-1
 * digest leave the Worker. The password and the rest of the digest must be in no request and no log line.
 */
import type { Context } from 'hono'
import { normalizePassword } from '../auth/passwords.ts'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'
import { appendPath } from '../settings/urls.ts'

/** The whole call, its body too. */
const DEADLINE_MS = 1_000
const PREFIX_DIGITS = 5
/** A padded answer has some 60 KB. */
const MAX_ANSWER_CHARACTERS = 256 * 1024
/** The other digits of a digest, and how often breaches had it. */
const LINE = /^([\dA-F]{35}):(\d+)$/i

/**
 * Refuses a new password that is known from a breach, where `PWNED_PASSWORDS` is `on`. If the service fails, the
 * password passes and the log says so. Call it after the limits, so that nobody can flood the service, and before the
 * hash.
 * @param field the field of the body that has the password
 * @throws {ApiError} `validation_failed`
 */
export async function refusePwned(c: Context<AppEnv>, field: string, password: string): Promise<void> {
  const { pwnedPasswordsUrl } = c.get('services').config
  if (pwnedPasswordsUrl === undefined) return
  try {
    if (!(await isPwned(pwnedPasswordsUrl, await digest(password)))) return
  } catch (error) {
    logEvent('pwned_check_failed', { request: c.get('requestId'), cause: describeFailure(error) })
    return
  }
  throw new ApiError('validation_failed', {
    fields: [{ field, message: 'Password is known from a data breach: choose another one' }],
    outcome: 'password_pwned',
  })
}

/** SHA-1 in hexadecimal digits, of the password in the form that is hashed: other forms of it log in too. */
async function digest(password: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(normalizePassword(password)))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function isPwned(rangeUrl: string, digest: string): Promise<boolean> {
  const range = await readRange(rangeUrl, digest.slice(0, PREFIX_DIGITS))
  const rest = digest.slice(PREFIX_DIGITS)
  // Padding has a count of 0.
  return range.some(([digits, count]) => digits.toLowerCase() === rest && count > 0)
}

/** Reads all digests that begin with a prefix, as their other digits and their counts. */
async function readRange(rangeUrl: string, prefix: string): Promise<[digits: string, count: number][]> {
  const response = await fetch(appendPath(rangeUrl, `/${prefix.toUpperCase()}`), {
    // The padding hides from onlookers how long the answer is. The service refuses calls without a user agent.
    headers: { 'Add-Padding': 'true', 'User-Agent': 'acme-user-service' },
    redirect: 'manual',
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  if (response.status !== 200) throw new Error(`status ${response.status}`)
  const lines = (await readText(response)).trimEnd().split(/\r?\n/)
  return lines.map((line) => {
    const [, digits, count] = LINE.exec(line) ?? []
    if (digits === undefined) throw new Error('the answer is no list of digests')
    return [digits, Number(count)]
  })
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_ANSWER_CHARACTERS) throw new Error(`more than ${MAX_ANSWER_CHARACTERS} characters`)
  }
  return text
}
