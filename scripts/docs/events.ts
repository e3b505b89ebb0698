/** The table of the log's events: names and levels come from src/log.ts, the words are here. */
import { EVENTS, type EventName } from '../../src/log.ts'
import { code, writeTable } from './markdown.ts'

/** An event in words: when it is written, and its fields beside `time`, `level` and `event`. */
interface EventWords {
  when: string
  fields: string
}

const WHO = '`request`, `user`'

const words: Record<EventName, EventWords> = {
  request: {
    when: 'A request has been answered.',
    fields:
      "`request`, `route` (the pattern, never the path), `method`, `status`, `ms`, `outcome`, `colo` (Cloudflare's location; null elsewhere)",
  },
  failure: {
    when: 'An answer is 5xx, or a call over the service binding failed.',
    fields:
      '`request` (not for a binding), `cause`: the error and its stack; of a statement only the SQLSTATE and the constraint',
  },
  login_failed: {
    when: 'A login had a wrong password or named nobody.',
    fields: '`request`, `user`: null for an unknown name, because people type passwords into the wrong field',
  },
  password_refused: { when: "An owner's call had a wrong password.", fields: WHO },
  password_changed: { when: 'A password was changed.', fields: WHO },
  email_change_asked: { when: 'An owner asked for another email address, which waits for its proof.', fields: WHO },
  email_changed: { when: 'An email address was changed.', fields: WHO },
  session_ended: { when: 'A session was logged out.', fields: WHO },
  all_sessions_ended: { when: 'All sessions of a person were logged out.', fields: WHO },
  refresh_token_replayed: {
    when: 'A spent refresh token was used after its grace. The session has ended.',
    fields: WHO,
  },
  refresh_grace_reused: {
    when: 'A session used spent tokens within their grace ten more times. It may have two holders.',
    fields: '`request`, `user`, `uses`',
  },
  password_reset_asked: {
    when: 'Somebody asked for a new password.',
    fields: '`request`, `user`: null where nobody has the address',
  },
  password_reset: { when: 'A password was set with a proof. All sessions have ended.', fields: WHO },
  email_verified: { when: 'An email address was verified with a proof.', fields: WHO },
  user_deleted: { when: 'An account was deleted.', fields: WHO },
  few_password_iterations: {
    when: 'An isolate has started with fewer PBKDF2 iterations than OWASP recommends.',
    fields: '`recommended`',
  },
  costlier_hash: {
    when: 'An isolate has met a stored hash that costs more than the settings say.',
    fields: '`iterations`',
  },
  unknown_setting: {
    when: 'An isolate has started with a name that is nearly that of a setting.',
    fields: '`name`, `near`',
  },
  unknown_address: {
    when: 'An isolate has met its first caller whose address cannot be read.',
    fields: '`header`',
  },
  rate_limits_off: {
    when: 'An isolate has started without some limits.',
    fields: '`missing`: their names',
  },
  sentry_off: { when: 'An isolate has started with a `SENTRY_DSN` that cannot be used.', fields: '' },
  mail_off: {
    when: 'An isolate has started without mail, so the calls that need it are 404.',
    fields: '`missing`: the binding and the settings that are not there',
  },
  list_broken: { when: 'A list broke off, because a later page could not be read.', fields: '`request`, `cause`' },
  rehash_failed: {
    when: 'A hash of another cost could not be rewritten after a login.',
    fields: '`request`, `user`, `cause`',
  },
  pwned_check_failed: {
    when: 'A new password could not be looked up among those of breaches within a second. It was taken.',
    fields: '`request`, `cause`',
  },
  rate_limit_failed: {
    when: 'A limit could not be counted. The call went through.',
    fields: '`limit`, `cause`',
  },
  metrics_failed: { when: 'A data point could not be written.', fields: '`cause`' },
  sentry_failed: {
    when: 'A report to Sentry could not be sent, or was not answered within 5 seconds.',
    fields: '`cause`',
  },
  sentry_dropped: { when: 'Reports were dropped, because ten were under way.', fields: '`reports`: how many' },
  mail_failed: {
    when: 'A message was not taken by the mail service, twice or within 20 seconds. The answer was the same.',
    fields: '`request`, `user`, `cause`: the code of the mail service',
  },
}

/** Writes the table. */
export function writeEvents(): string {
  const rows = Object.entries(EVENTS).map(([name, level]) => {
    const { when, fields } = words[name as EventName]
    return [code(name), level, when, fields]
  })
  return writeTable(['event', 'level', 'when', 'fields'], rows)
}
