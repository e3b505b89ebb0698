/** The environment, read once into a frozen, typed value. A bad setting is named; its value is never repeated. */
import * as z from 'zod/mini'
import { type DatabaseAddress, locateDatabase } from './settings/database.ts'
import { isMailLink, MAIL_LINK_FORM, parseSender, SENDER_FORM, type Sender } from './settings/mail.ts'
import { parseOrigins } from './settings/origins.ts'
import { readSettings, splitList } from './settings/read.ts'
import { isBaseUrl } from './settings/urls.ts'

/**
 * PBKDF2 iterations in all: fewer protect nobody, more would be a denial of service. The recommendation is that of the
 * OWASP Password Storage Cheat Sheet.
 */
export const PASSWORD_ITERATIONS = { min: 1_000, max: 10_000_000, recommended: 600_000 } as const

/** The rate-limiting bindings of wrangler.toml. */
export const LIMIT_NAMES = [
  'LOGIN_BY_ADDRESS',
  'LOGIN_BY_ACCOUNT_AND_ADDRESS',
  'LOGIN_BY_ACCOUNT',
  'REGISTER_BY_ADDRESS',
  'REFRESH_BY_ADDRESS',
  'OWNER_BY_ACCOUNT',
  'MAIL_BY_ADDRESS',
  'MAIL_BY_ACCOUNT',
] as const

/** The name of a limit. */
export type LimitName = (typeof LIMIT_NAMES)[number]

/** Everything that can be set, parsed. */
export interface Config {
  readonly database: DatabaseAddress
  /** How long a statement may take, both tries together. */
  readonly databaseTimeoutMs: number
  /** A plain secret, a JWK or a JWK Set, as text: auth/jwk reads them. */
  readonly accessTokenKey: string
  readonly refreshTokenKey: string
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  /** Whether each refresh spends its token and answers with the next one. */
  readonly rotation: boolean
  /** How long the refresh token that was spent last still gets the current one. */
  readonly graceSeconds: number
  /** How long a session lasts from its login, however often it is refreshed. */
  readonly sessionSeconds: number
  /** The `iss` claim of every token; undefined for none. */
  readonly issuer: string | undefined
  /** The `aud` claim of every token, any of which is accepted; empty for none. */
  readonly audiences: readonly string[]
  /** The sender of every message; undefined where no mail is sent. */
  readonly mailFrom: Sender | undefined
  /** The shop's page that the links in messages lead to; undefined where no mail is sent. */
  readonly mailLink: string | undefined
  /** How long a link in a message works. */
  readonly proofSeconds: number
  readonly emailChange: EmailChange
  /** PBKDF2 iterations in all for a new hash. */
  readonly passwordIterations: number
  /** PBKDF2 iterations in all of the costliest hash in the table: failed logins cost as much. */
  readonly largestIterations: number
  /** The address that new passwords are looked up at; undefined where they are not. */
  readonly pwnedPasswordsUrl: string | undefined
  /** Origins whose pages may call the service; `['*']` for any. */
  readonly corsOrigins: readonly string[]
  readonly usersAccess: UsersAccess
  /** Whether tries are limited, where the platform can count them. */
  readonly limited: boolean
  /** The header that holds the caller's address and that no caller can set; null where there is none. */
  readonly addressHeader: string | null
  /** The address that unexpected errors are reported to; undefined for none. */
  readonly sentryDsn: string | undefined
  /** The service, its release and its environment, as Sentry names them. */
  readonly service: string
  readonly version: string
  readonly stage: string
}

/** The readers of `GET /users` and `GET /users/:id`: anybody, bearers of any access token, or each their own record. */
export type UsersAccess = 'public' | 'authenticated' | 'owner'

/** When a new email address replaces the old one: at once, or once somebody has followed the link that was sent to it. */
export type EmailChange = 'direct' | 'proof'

/** Says which settings are missing or malformed, never with their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const DAY_SECONDS = 86_400
const PROOF_WITHOUT_MAIL =
  'EMAIL_CHANGE is proof, which needs MAIL_FROM and MAIL_LINK: without mail nobody can prove an address'

const required = z.string({ error: 'is missing' })

/** The schema of the environment. */
export const settingsSchema = z.object({
  DATABASE_URL: required,
  NEON_PROXY_URL: z.optional(z.string().check(z.refine(isHttpUrl, 'must read https://host/sql'))),
  DATABASE_TIMEOUT_SECONDS: wholeNumber(1, 60, 5),
  ACCESS_TOKEN_KEY: required,
  REFRESH_TOKEN_KEY: required,
  ACCESS_TOKEN_SECONDS: wholeNumber(1, DAY_SECONDS, 300),
  REFRESH_TOKEN_SECONDS: wholeNumber(1, 30 * DAY_SECONDS, 900),
  REFRESH_ROTATION: oneOf(['off', 'on']),
  REFRESH_GRACE_SECONDS: wholeNumber(0, 300, 10),
  SESSION_SECONDS: wholeNumber(1, 365 * DAY_SECONDS, 30 * DAY_SECONDS),
  TOKEN_ISSUER: z.optional(z.string()),
  TOKEN_AUDIENCE: z.pipe(z._default(z.string(), ''), z.transform(splitList)),
  MAIL_FROM: z.optional(z.pipe(z.string(), z.transform(toSender))),
  MAIL_LINK: z.optional(z.string().check(z.refine(isMailLink, MAIL_LINK_FORM))),
  MAIL_PROOF_SECONDS: wholeNumber(60, DAY_SECONDS, 900),
  EMAIL_CHANGE: oneOf(['direct', 'proof']),
  PBKDF2_ITERATIONS: wholeNumber(PASSWORD_ITERATIONS.min, PASSWORD_ITERATIONS.max, PASSWORD_ITERATIONS.recommended),
  PBKDF2_LARGEST_ITERATIONS: wholeNumber(PASSWORD_ITERATIONS.min, PASSWORD_ITERATIONS.max, PASSWORD_ITERATIONS.min),
  PWNED_PASSWORDS: oneOf(['off', 'on']),
  PWNED_PASSWORDS_URL: z._default(
    z.string().check(z.refine(isBaseUrl, 'must read https://host/range, without user, query and fragment')),
    'https://api.pwnedpasswords.com/range',
  ),
  USERS_ACCESS: oneOf(['public', 'authenticated', 'owner']),
  RATE_LIMITS: oneOf(['on', 'off']),
  ADDRESS_HEADER: z._default(
    z.string().check(z.regex(/^[\w-]+$/, 'must be the name of a header, or none')),
    'CF-Connecting-IP',
  ),
  CORS_ORIGINS: z.pipe(z._default(z.string(), '*'), z.transform(toOrigins)),
  SENTRY_DSN: z.optional(z.string()),
  K_SERVICE: z._default(z.string(), 'user'),
  VERSION: z._default(z.string(), 'dev'),
  STAGE: z._default(z.string(), 'dev'),
})

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(settingsSchema.shape)

/**
 * Parses the environment.
 * @param env settings as text, numbers or booleans; anything else is a binding and ignored
 * @returns the configuration, frozen, with the defaults filled in
 * @throws {ConfigError} naming every setting that is missing or malformed
 */
export function loadConfig(env: object): Config {
  const given = readSettings(env)
  const { data: settings, error } = settingsSchema.safeParse(given)
  const database = locateDatabase(given.DATABASE_URL ?? '', given.NEON_PROXY_URL)
  const faults = [
    ...findQuoted(given),
    ...(error?.issues ?? []).map(({ path, message }) => `${String(path[0])} ${message}`),
    ...('fault' in database && given.DATABASE_URL ? [`DATABASE_URL ${database.fault}`] : []),
    ...(given.EMAIL_CHANGE === 'proof' && !(given.MAIL_FROM && given.MAIL_LINK) ? [PROOF_WITHOUT_MAIL] : []),
  ]
  if (!settings || 'fault' in database || faults.length > 0) throw new ConfigError(faults.join('; '))
  return Object.freeze({
    database,
    databaseTimeoutMs: settings.DATABASE_TIMEOUT_SECONDS * 1000,
    accessTokenKey: settings.ACCESS_TOKEN_KEY,
    refreshTokenKey: settings.REFRESH_TOKEN_KEY,
    accessTokenSeconds: settings.ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: settings.REFRESH_TOKEN_SECONDS,
    rotation: settings.REFRESH_ROTATION === 'on',
    graceSeconds: settings.REFRESH_GRACE_SECONDS,
    sessionSeconds: settings.SESSION_SECONDS,
    issuer: settings.TOKEN_ISSUER,
    audiences: Object.freeze(settings.TOKEN_AUDIENCE),
    mailFrom: settings.MAIL_FROM,
    mailLink: settings.MAIL_LINK,
    proofSeconds: settings.MAIL_PROOF_SECONDS,
    emailChange: settings.EMAIL_CHANGE,
    passwordIterations: settings.PBKDF2_ITERATIONS,
    largestIterations: Math.max(settings.PBKDF2_ITERATIONS, settings.PBKDF2_LARGEST_ITERATIONS),
    pwnedPasswordsUrl: settings.PWNED_PASSWORDS === 'on' ? settings.PWNED_PASSWORDS_URL : undefined,
    corsOrigins: Object.freeze(settings.CORS_ORIGINS),
    usersAccess: settings.USERS_ACCESS,
    limited: settings.RATE_LIMITS === 'on',
    addressHeader: settings.ADDRESS_HEADER === 'none' ? null : settings.ADDRESS_HEADER,
    sentryDsn: settings.SENTRY_DSN,
    service: settings.K_SERVICE,
    version: settings.VERSION,
    stage: settings.STAGE,
  })
}

/** Finds values in quotes. They were copied along from a shell or a file, and would become part of the value. */
function findQuoted(given: Record<string, string>): string[] {
  return SETTING_NAMES.filter((name) => /^(["'`]).*\1$/s.test(given[name] ?? '')).map(
    (name) => `${name} is in quotes: leave them out`,
  )
}

function toOrigins(list: string, context: z.core.ParsePayload): string[] {
  const parsed = parseOrigins(list)
  if ('origins' in parsed) return parsed.origins
  context.issues.push({ code: 'custom', input: list, message: parsed.fault })
  return z.NEVER
}

function toSender(text: string, context: z.core.ParsePayload): Sender {
  const sender = parseSender(text)
  if (sender) return sender
  context.issues.push({ code: 'custom', input: text, message: SENDER_FORM })
  return z.NEVER
}

function wholeNumber(min: number, max: number, fallback: number) {
  const message = `must be a whole number from ${min} to ${max}`
  const digits = z.string().check(z.regex(/^\d{1,9}$/, message))
  const number = z.pipe(z.pipe(digits, z.transform(Number)), z.number().check(z.gte(min, message), z.lte(max, message)))
  return z._default(number, fallback)
}

/** The first value is the default. */
function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z._default(z.enum(values, `must be one of ${values.join(', ')}`), values[0])
}

function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}
