/** Every refusal the service can utter: one table from code to status and message. No cause ever reaches a message. */

import type * as z from 'zod/mini'

const REFUSALS = {
  invalid_json: [400, 'Body is not valid JSON'],
  validation_failed: [400, 'Validation failed'],
  invalid_credentials: [401, 'Invalid username or password'],
  invalid_token: [401, 'Invalid Key. User Not Authorized'],
  forbidden: [403, 'Forbidden'],
  not_found: [404, 'Not found'],
  user_not_found: [404, 'User not found'],
  method_not_allowed: [405, 'Method not allowed'],
  username_taken: [409, 'Username is already taken'],
  email_taken: [409, 'Email is already taken'],
  account_changed: [409, 'The account has changed. Try again'],
  body_too_large: [413, 'Body is too large'],
  unsupported_media_type: [415, 'Content-Type must be application/json'],
  too_many_requests: [429, 'Too many requests. Try again later'],
  internal_error: [500, 'Internal server error'],
  unavailable: [503, 'Service unavailable. Try again later'],
} as const satisfies Record<string, readonly [status: number, message: string]>

/** The code of a refusal, stable in logs and tests. */
export type RefusalCode = keyof typeof REFUSALS

/** Every HTTP status that a refusal may have. */
export type RefusalStatus = (typeof REFUSALS)[RefusalCode][0]

/** A field at fault in a request body, with a message for the person who filled it in. */
export interface FieldError {
  field: string
  message: string
}

/** What a schema complained of: one entry per field at fault, its first complaint. */
export function toFieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  const messages = new Map<string, string>()
  for (const issue of issues) {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0] ?? 'body')]
    for (const field of fields) if (!messages.has(field)) messages.set(field, issue.message)
  }
  return Array.from(messages, ([field, message]) => ({ field, message }))
}

/** A refusal on its way to the caller. `cause` is for the log alone. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: RefusalCode
  readonly fields: readonly FieldError[] | undefined
  readonly headers: Record<string, string>
  /** What the log and the metrics call it. */
  readonly outcome: string

  constructor(
    code: RefusalCode,
    detail: {
      fields?: readonly FieldError[]
      headers?: Record<string, string>
      outcome?: string
      cause?: unknown
    } = {},
  ) {
    super(REFUSALS[code][1], { cause: detail.cause })
    this.code = code
    this.fields = detail.fields
    this.headers = detail.headers ?? {}
    this.outcome = detail.outcome ?? code
  }

  /** The HTTP status of the refusal. */
  get status() {
    return REFUSALS[this.code][0]
  }
}
