/**
 * Every error that has a name: the refusals of the service, the errors of the store, and how a store's error is
 * refused.
 */
import { HTTPException } from 'hono/http-exception'
import type * as z from 'zod/mini'
import type { LimitName } from './config.ts'

/** Every refusal: its code in logs and tests, its HTTP status and the message that the caller reads. */
export const REFUSALS = {
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

/**
 * How a request ended, for the log and the metrics: `ok`, the code of a refusal, or a reason that callers are not told.
 */
export type Outcome =
  | 'ok'
  | RefusalCode
  | Lowercase<LimitName>
  | 'client_gone'
  | 'list_broken'
  | 'password_pwned'
  | 'password_refused'
  | 'proof_spent'
  | 'refresh_token_replayed'
  | 'session_ended'

/** A field at fault in a request, with a message for the person who filled it in. */
export interface FieldError {
  field: string
  message: string
}

/** Seconds after which a caller may try again when the store did not answer. */
const STORE_RETRY_SECONDS = '5'

/** The parts of a refusal beside its code. */
interface RefusalDetail {
  /** Replaces the code's own message. */
  message?: string
  fields?: readonly FieldError[]
  headers?: Record<string, string>
  outcome?: Outcome
  /** For the log alone. */
  cause?: unknown
}

/** A refusal on its way to the caller. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: RefusalCode
  readonly fields: readonly FieldError[] | undefined
  readonly headers: Record<string, string>
  readonly outcome: Outcome

  constructor(code: RefusalCode, detail: RefusalDetail = {}) {
    super(detail.message ?? REFUSALS[code][1], { cause: detail.cause })
    this.code = code
    this.fields = detail.fields
    this.headers = detail.headers ?? {}
    this.outcome = detail.outcome ?? code
  }

  /** The HTTP status of the refusal. */
  get status(): RefusalStatus {
    return REFUSALS[this.code][0]
  }
}

/** Another user has the username or the email, in any case of letters. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
  readonly field: 'username' | 'email'

  constructor(field: NameTaken['field']) {
    super(`${field} is taken`)
    this.field = field
  }
}

/** The store cannot be reached, or cannot serve now. The message holds no data and may be logged. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** The store refused a statement. Says its SQLSTATE and constraint only: PostgreSQL's own message may hold data. */
export class StatementRefused extends Error {
  override readonly name = 'StatementRefused'
  readonly sqlState: string
  readonly constraint: string | undefined

  constructor(sqlState: string, constraint: string | undefined) {
    super(constraint ? `SQLSTATE ${sqlState}, constraint ${constraint}` : `SQLSTATE ${sqlState}`)
    this.sqlState = sqlState
    this.constraint = constraint
  }
}

/**
 * Maps an error that a handler threw to the refusal that its caller gets.
 * @returns for an unexpected error `internal_error`, with the error as its cause
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof NameTaken) return new ApiError(`${error.field}_taken`)
  if (error instanceof StoreUnavailable) {
    return new ApiError('unavailable', { headers: { 'Retry-After': STORE_RETRY_SECONDS }, cause: error })
  }
  // Hono's validator throws this for a body that does not parse.
  if (error instanceof HTTPException && error.status === 400) return new ApiError('invalid_json')
  return new ApiError('internal_error', { cause: error })
}

/** Lists the fields at fault, each with its first message. A fault of the whole body has the field `body`. */
export function toFieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  const messages = new Map<string, string>()
  for (const issue of issues) {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0] ?? 'body')]
    for (const field of fields) if (!messages.has(field)) messages.set(field, issue.message)
  }
  return Array.from(messages, ([field, message]) => ({ field, message }))
}
