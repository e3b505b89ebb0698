/** The tables of refusals and outcomes: codes, statuses and messages come from src/errors.ts, the words are here. */
import { LIMIT_NAMES, type LimitName } from '../../src/config.ts'
import { type Outcome, REFUSALS, type RefusalCode } from '../../src/errors.ts'
import { code, writeTable } from './markdown.ts'

const refusals: Record<RefusalCode, string> = {
  invalid_json: 'The body is no JSON, is no UTF-8, or broke off.',
  validation_failed: 'Fields or parameters are at fault; `errors` has one message for each.',
  invalid_credentials: 'A login with a wrong password, or for a user who does not exist.',
  invalid_token:
    "A token is missing, expired, forged, malformed, of the wrong kind, or, in an owner's call, of a session that has ended. With `WWW-Authenticate` where a bearer token is asked for.",
  forbidden: "Another user's account.",
  not_found: 'No such path.',
  user_not_found: 'No such user, or not an id.',
  method_not_allowed: 'The path has other methods, which `Allow` lists.',
  username_taken: 'Another user has the name, whatever the case of its letters.',
  email_taken: 'Another user has the address, whatever the case of its letters.',
  account_changed: 'Somebody else changed the account while the call ran.',
  body_too_large: 'More than 16 KiB.',
  unsupported_media_type: 'The body is not labelled as JSON in UTF-8.',
  too_many_requests: 'A limit was reached. With `Retry-After`.',
  internal_error: 'A setting is wrong, or something failed that nobody expected. The cause is in the log alone.',
  unavailable: 'The database does not answer. With `Retry-After`.',
}

/** An outcome that the caller is not told. `sent` is the refusal in its place, or null if the answer had begun. */
interface HiddenOutcome {
  sent: RefusalCode | null
  when: string
}

const hidden: Record<Exclude<Outcome, RefusalCode | Lowercase<LimitName> | 'ok'>, HiddenOutcome> = {
  client_gone: { sent: null, when: 'The caller left before the list had ended.' },
  list_broken: { sent: null, when: 'The list broke off, because a later page could not be read.' },
  password_pwned: { sent: 'validation_failed', when: 'A new password is known from a breach.' },
  password_refused: { sent: 'forbidden', when: "The password in an owner's call was wrong." },
  proof_spent: {
    sent: 'invalid_token',
    when: 'A proof from a message was good, but it has been used or its account has changed.',
  },
  refresh_token_replayed: { sent: 'invalid_token', when: 'A spent refresh token was used after its grace.' },
  session_ended: {
    sent: 'invalid_token',
    when: 'A refresh token was good, but its session has ended or its user is gone or changed.',
  },
}

/** Writes the table of refusals. */
export function writeRefusals(): string {
  const rows = listRefusals().map(([name, [status, message]]) => {
    const reasons = Object.values(hidden).filter(({ sent }) => sent === name)
    return [String(status), code(name), code(message), [refusals[name], ...reasons.map(({ when }) => when)].join(' ')]
  })
  return writeTable(['status', 'code', 'message', 'when'], rows)
}

/** Writes the table of outcomes, by status. */
export function writeOutcomes(): string {
  const told = listRefusals()
    // The log has one outcome for each limit in its place.
    .filter(([name]) => name !== 'too_many_requests')
    .map(([name, [status]]) => [code(name), String(status), refusals[name]])
  const limited = LIMIT_NAMES.map((name) => [
    code(name.toLowerCase()),
    String(REFUSALS.too_many_requests[0]),
    `The limit ${code(name)} was reached.`,
  ])
  const untold = Object.entries(hidden).map(([name, { sent, when }]) => {
    const status = sent ? REFUSALS[sent][0] : 200
    return [code(name), String(status), when]
  })
  const rows = [...told, ...limited, ...untold].sort(([, status = ''], [, other = '']) => status.localeCompare(other))
  const ok = [code('ok'), 'below 400', 'The call did what it was asked for.']
  return writeTable(['outcome', 'status', 'when'], [ok, ...rows])
}

function listRefusals() {
  return Object.entries(REFUSALS) as [RefusalCode, (typeof REFUSALS)[RefusalCode]][]
}
