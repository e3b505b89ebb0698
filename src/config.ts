/** The environment, read once into a frozen, typed value. A bad setting is named; its value is never repeated. */
import * as z from 'zod/mini'

/** PBKDF2 iterations in all: fewer protect nobody, more would be a denial of service; OWASP recommends 600,000. */
export const PASSWORD_ITERATIONS = { min: 1_000, max: 10_000_000, recommended: 600_000 } as const

/** The rate-limiting bindings of wrangler.toml. */
export const LIMIT_NAMES = [
  'LOGIN_BY_ADDRESS',
  'LOGIN_BY_ACCOUNT_AND_ADDRESS',
  'LOGIN_BY_ACCOUNT',
  'REGISTER_BY_ADDRESS',
  'REFRESH_BY_ADDRESS',
  'OWNER_BY_ACCOUNT',
] as const

/** The name of a limit. */
export type LimitName = (typeof LIMIT_NAMES)[number]

const DAY_SECONDS = 86_400

/** Everything that can be set, parsed. */
export interface Config {
  readonly databaseUrl: string
  /** How long a statement may take, all tries together. */
  readonly databaseTimeoutMs: number
  /** A plain secret, a JWK or a JWK Set, as text: auth/keys knows them. */
  readonly accessTokenKey: string
  readonly refreshTokenKey: string
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  /** Whether each refresh spends its token and answers with the next one. */
  readonly rotation: boolean
  /** How long a spent refresh token still gets the current one. */
  readonly graceSeconds: number
  /** How long a session lasts from its login, however often it is refreshed. */
  readonly sessionSeconds: number
  /** The `iss` claim of every token; undefined for none. */
  readonly issuer: string | undefined
  /** The `aud` claim of every token; undefined for none. */
  readonly audience: string | undefined
  /** PBKDF2 iterations in all for a new hash. */
  readonly passwordIterations: number
  /** Origins whose pages may call the service; `['*']` for any. */
  readonly corsOrigins: readonly string[]
  readonly usersAccess: UsersAccess
  /** The header that holds the caller's address and that no caller can set; null where there is none. */
  readonly addressHeader: string | null
  /** Where unexpected errors are reported to; undefined for nowhere. */
  readonly sentryDsn: string | undefined
  /** Where errors come from, in Sentry: which service, which release of it, and in which environment. */
  readonly service: string
  readonly version: string
  readonly stage: string
}

/** Who may read `GET /users` and `GET /users/:id`: anybody, bearers of any access token, or each their own record. */
export type UsersAccess = 'public' | 'authenticated' | 'owner'

/** Says which settings are missing or malformed, one line each, never with their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Only a listener on this machine, for tests, may go without TLS. */
const SENTRY_DSN = /^(https:\/\/\w+@[\w.-]+(:\d+)?|http:\/\/\w+@localhost:\d+)(\/[\w-]+)*\/\d+$/

const required = z.string({ error: 'is missing' })

/** What the environment must look like. */
const settingsSchema = z.object({
  DATABASE_URL: required.check(z.refine(isPostgresUrl, 'must read postgres://user:password@host/database')),
  DATABASE_TIMEOUT_SECONDS: wholeNumber(1, 60, 5),
  ACCESS_TOKEN_KEY: required,
  REFRESH_TOKEN_KEY: required,
  ACCESS_TOKEN_SECONDS: wholeNumber(1, DAY_SECONDS, 300),
  REFRESH_TOKEN_SECONDS: wholeNumber(1, 30 * DAY_SECONDS, 900),
  REFRESH_ROTATION: oneOf(['off', 'on']),
  REFRESH_GRACE_SECONDS: wholeNumber(0, 300, 10),
  SESSION_SECONDS: wholeNumber(1, 365 * DAY_SECONDS, 30 * DAY_SECONDS),
  TOKEN_ISSUER: z.optional(z.string()),
  TOKEN_AUDIENCE: z.optional(z.string()),
  PBKDF2_ITERATIONS: wholeNumber(PASSWORD_ITERATIONS.min, PASSWORD_ITERATIONS.max, PASSWORD_ITERATIONS.recommended),
  USERS_ACCESS: oneOf(['public', 'authenticated', 'owner']),
  ADDRESS_HEADER: z._default(
    z.string().check(z.regex(/^[\w-]+$/, 'must be the name of a header, or none')),
    'CF-Connecting-IP',
  ),
  SENTRY_DSN: z.optional(z.string().check(z.regex(SENTRY_DSN, 'must read https://key@host/project'))),
  K_SERVICE: z._default(z.string(), 'user'),
  VERSION: z._default(z.string(), 'dev'),
  STAGE: z._default(z.string(), 'dev'),
  CORS_ORIGINS: z.pipe(
    z.pipe(
      z._default(z.string(), '*'),
      z.transform((list) => list.split(',').map((origin) => origin.trim())),
    ),
    z.array(z.string().check(z.refine(isOrigin, 'must be * or origins such as https://shop.example, with commas'))),
  ),
})

/**
 * Parses the environment. An unset variable may be absent, empty or null (bare workerd has the last).
 * @throws {ConfigError} naming every setting that is missing or malformed
 */
export function loadConfig(env: object): Config {
  const given = Object.entries(env).filter(([, value]) => value !== null && value !== '')
  const { success, data: settings, error } = settingsSchema.safeParse(Object.fromEntries(given))
  if (!success) {
    throw new ConfigError(error.issues.map(({ path, message }) => `${String(path[0])} ${message}`).join('; '))
  }
  return Object.freeze({
    databaseUrl: settings.DATABASE_URL,
    databaseTimeoutMs: settings.DATABASE_TIMEOUT_SECONDS * 1000,
    accessTokenKey: settings.ACCESS_TOKEN_KEY,
    refreshTokenKey: settings.REFRESH_TOKEN_KEY,
    accessTokenSeconds: settings.ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: settings.REFRESH_TOKEN_SECONDS,
    rotation: settings.REFRESH_ROTATION === 'on',
    graceSeconds: settings.REFRESH_GRACE_SECONDS,
    sessionSeconds: settings.SESSION_SECONDS,
    issuer: settings.TOKEN_ISSUER,
    audience: settings.TOKEN_AUDIENCE,
    passwordIterations: settings.PBKDF2_ITERATIONS,
    corsOrigins: Object.freeze(settings.CORS_ORIGINS),
    usersAccess: settings.USERS_ACCESS,
    addressHeader: settings.ADDRESS_HEADER === 'none' ? null : settings.ADDRESS_HEADER,
    sentryDsn: settings.SENTRY_DSN,
    service: settings.K_SERVICE,
    version: settings.VERSION,
    stage: settings.STAGE,
  })
}

function wholeNumber(min: number, max: number, fallback: number) {
  const message = `must be a whole number from ${min} to ${max}`
  return z._default(z.coerce.number(message).check(z.int(message), z.gte(min, message), z.lte(max, message)), fallback)
}

/** The first value is the default. */
function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z._default(z.enum(values, `must be one of ${values.join(', ')}`), values[0])
}

function isPostgresUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null && /^postgres(ql)?:$/.test(url.protocol) && Boolean(url.username && url.hostname && url.pathname[1])
  )
}

function isOrigin(text: string): boolean {
  return text === '*' || URL.parse(text)?.origin === text
}
