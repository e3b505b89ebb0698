/** The environment, read once into a frozen, typed value. A bad setting is named; its value is never repeated. */
import * as z from 'zod/mini'

/** PBKDF2 iterations in all: fewer protect nobody, more would be a denial of service; OWASP recommends 600,000. */
export const PASSWORD_ITERATIONS = { min: 1_000, max: 10_000_000, recommended: 600_000 } as const

const MIN_SECRET_BYTES = 32
const DAY_SECONDS = 86_400

/** Everything that can be set, parsed. */
export interface Config {
  readonly databaseUrl: string
  readonly accessTokenKey: string
  readonly refreshTokenKey: string
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  /** The `iss` claim of every token; undefined for none. */
  readonly issuer: string | undefined
  /** The `aud` claim of every token; undefined for none. */
  readonly audience: string | undefined
  /** PBKDF2 iterations in all for a new hash. */
  readonly passwordIterations: number
  /** Origins whose pages may call the service; `['*']` for any. */
  readonly corsOrigins: readonly string[]
}

/** Says which settings are missing or malformed, one line each, never with their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const required = z.string({ error: 'is missing' })

const secret = required.check(
  z.refine((value) => new TextEncoder().encode(value).length >= MIN_SECRET_BYTES, 'must have at least 32 bytes'),
  // A public key in PEM or JSON taken for an HMAC secret would let anyone who knows it sign (RFC 8725, section 2.1).
  z.refine((value) => !/^\s*(\{|\[|-----BEGIN)/.test(value), 'must be a plain secret, not a JSON or PEM key'),
)

const settingsSchema = z
  .object({
    DATABASE_URL: required.check(z.refine(isPostgresUrl, 'must read postgres://user:password@host/database')),
    ACCESS_TOKEN_KEY: secret,
    REFRESH_TOKEN_KEY: secret,
    ACCESS_TOKEN_SECONDS: wholeNumber(1, DAY_SECONDS, 300),
    REFRESH_TOKEN_SECONDS: wholeNumber(1, 30 * DAY_SECONDS, 900),
    TOKEN_ISSUER: z.optional(z.string()),
    TOKEN_AUDIENCE: z.optional(z.string()),
    PBKDF2_ITERATIONS: wholeNumber(PASSWORD_ITERATIONS.min, PASSWORD_ITERATIONS.max, PASSWORD_ITERATIONS.recommended),
    CORS_ORIGINS: z.pipe(
      z.pipe(
        z._default(z.string(), '*'),
        z.transform((list) => list.split(',').map((origin) => origin.trim())),
      ),
      z.array(z.string().check(z.refine(isOrigin, 'must be * or origins such as https://shop.example, with commas'))),
    ),
  })
  .check(
    z.refine((settings) => settings.ACCESS_TOKEN_KEY !== settings.REFRESH_TOKEN_KEY, {
      path: ['REFRESH_TOKEN_KEY'],
      error: 'must differ from ACCESS_TOKEN_KEY',
    }),
  )

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
    accessTokenKey: settings.ACCESS_TOKEN_KEY,
    refreshTokenKey: settings.REFRESH_TOKEN_KEY,
    accessTokenSeconds: settings.ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: settings.REFRESH_TOKEN_SECONDS,
    issuer: settings.TOKEN_ISSUER,
    audience: settings.TOKEN_AUDIENCE,
    passwordIterations: settings.PBKDF2_ITERATIONS,
    corsOrigins: Object.freeze(settings.CORS_ORIGINS),
  })
}

function wholeNumber(min: number, max: number, fallback: number) {
  const message = `must be a whole number from ${min} to ${max}`
  return z._default(z.coerce.number(message).check(z.int(message), z.gte(min, message), z.lte(max, message)), fallback)
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
