/** The table of settings: names, defaults and values come from the schema, the words are here. */
import * as z from 'zod/mini'
import { settingsSchema } from '../../src/config.ts'
import { code, writeTable } from './markdown.ts'

/** What the schema does not say of a setting. */
interface SettingWords {
  does: string
  /** The form of its values, where the schema takes any text. */
  form?: string
  /** Whether it belongs in `wrangler secret put` and never in a file that is committed. */
  secret?: boolean
}

const words: Record<keyof typeof settingsSchema.shape, SettingWords> = {
  DATABASE_URL: {
    form: '`postgres://user:password@host/database`',
    does: "Neon's connection string.",
    secret: true,
  },
  NEON_PROXY_URL: {
    form: '`https://host/sql`',
    does: "The address of a proxy that speaks Neon's SQL over HTTP, for a database that is not Neon's.",
  },
  DATABASE_TIMEOUT_SECONDS: {
    does: 'The longest that a statement may take, its second try included. The role that `npm run db:role` makes ends each try after 5 seconds by itself.',
  },
  ACCESS_TOKEN_KEY: {
    form: 'at least 32 random bytes, or a JWK or JWK Set of HS256, ES256 or EdDSA keys',
    does: 'Signs access tokens. In a set the first key signs and all verify.',
    secret: true,
  },
  REFRESH_TOKEN_KEY: {
    form: 'the same, HS256 only',
    does: 'Signs refresh tokens. It must differ from `ACCESS_TOKEN_KEY`.',
    secret: true,
  },
  ACCESS_TOKEN_SECONDS: {
    does: 'The lifetime of an access token. A lower value also ends older tokens that were to live longer.',
  },
  REFRESH_TOKEN_SECONDS: {
    does: 'The lifetime of a refresh token. A lower value also ends older tokens that were to live longer.',
  },
  REFRESH_ROTATION: { does: '`on`: each refresh answers with a new refresh token and spends the old one.' },
  REFRESH_GRACE_SECONDS: {
    does: 'The time after a rotation in which the token spent last still gets the current one, for retries and other tabs. Later its use ends the session. A rotation is tried a second time only where this is longer than `DATABASE_TIMEOUT_SECONDS`.',
  },
  SESSION_SECONDS: { does: 'The lifetime of a session from its login, however often it is refreshed.' },
  TOKEN_ISSUER: {
    form: 'any text',
    does: 'The `iss` claim of every token. Once set, every token must have it. If it is the https URL of this service, [clients find the keys by it](tokens.md#with-the-issuer-alone).',
  },
  TOKEN_AUDIENCE: {
    form: 'a text, or a list with commas',
    does: 'The `aud` claim of every token. A list makes `aud` an array, and a token of any entry is accepted.',
  },
  MAIL_FROM: {
    form: '`users@shop.example`, or `Shop <users@shop.example>`',
    does: 'The sender of every message. Mail is off without it, without `MAIL_LINK` and without the binding `EMAIL`.',
  },
  MAIL_LINK: {
    form: '`https://shop.example/account`',
    does: "The shop's page that the links in messages lead to, with the proof behind a `#`.",
  },
  MAIL_PROOF_SECONDS: { does: 'How long a link in a message works. A lower value also ends older links.' },
  EMAIL_CHANGE: {
    does: '`direct`: a new email address replaces the old one at once. `proof`: once the link that was sent to it is followed. `proof` needs mail.',
  },
  PBKDF2_ITERATIONS: { does: 'The work to hash a password. Older hashes are brought to it at their next login.' },
  PBKDF2_LARGEST_ITERATIONS: {
    does: 'The work of the costliest hash in the table. Set it after you have lowered `PBKDF2_ITERATIONS`, so that every failed login takes equally long. Less than `PBKDF2_ITERATIONS` has no effect.',
  },
  PWNED_PASSWORDS: {
    does: '`on`: a new password is looked up among those of known breaches. [Security](security.md#passwords) says what leaves the service.',
  },
  PWNED_PASSWORDS_URL: {
    form: '`https://host/range`',
    does: 'The service that is asked: Have I Been Pwned, or a mirror that answers the same call.',
  },
  USERS_ACCESS: {
    does: 'The callers who may `GET` users. `public`: anybody. `authenticated`: the bearer of any access token. `owner`: each person their own record, and nobody the list.',
  },
  RATE_LIMITS: { does: '`off`: no tries are limited. Meant for a machine of your own.' },
  ADDRESS_HEADER: {
    form: 'the name of a header, or `none`',
    does: "The header with the caller's address. No caller may be able to set it. The last entry of a list counts, because your own proxy wrote that one.",
  },
  CORS_ORIGINS: {
    form: '`*`, or a list with commas: `https://shop.example`, `https://*.shop.example` (one label), `capacitor://localhost`',
    does: 'The origins whose pages may call the service.',
  },
  SENTRY_DSN: {
    form: 'a DSN of Sentry',
    does: 'The project of Sentry that unexpected errors are reported to. A DSN that cannot be used is ignored, with a line in the log.',
    secret: true,
  },
  K_SERVICE: { form: 'any text', does: 'The name of the service in Sentry. Cloud Run sets it.' },
  VERSION: { form: 'any text', does: 'The release in Sentry. `npm run deploy` sets it.' },
  STAGE: { form: 'any text', does: 'The environment in Sentry.' },
}

/** Writes the table. */
export function writeSettings(): string {
  const rows = Object.entries(words).map(([name, { does, form, secret }]) => [
    code(name),
    describeDefault(name),
    describeValues(name) ?? form ?? '',
    secret ? `${does} A secret.` : does,
  ])
  return writeTable(['name', 'default', 'values', 'what it does'], rows)
}

/** The settings as JSON Schema: the input's side has the defaults, and the output's side the bounds. */
const input = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' })
const output = z.toJSONSchema(settingsSchema, { io: 'output', unrepresentable: 'any' })

function findProperty(schema: z.core.JSONSchema.JSONSchema, name: string): z.core.JSONSchema.JSONSchema {
  const property = schema.properties?.[name]
  return typeof property === 'object' ? property : {}
}

function describeDefault(name: string): string {
  if (input.required?.includes(name)) return 'none, required'
  const value = findProperty(output, name).default ?? findProperty(input, name).default
  return value === undefined || value === '' ? 'none' : code(String(value))
}

function describeValues(name: string): string | undefined {
  const { enum: values, minimum, maximum } = findProperty(output, name)
  if (values) return values.map((value) => code(String(value))).join(', ')
  if (minimum === undefined || maximum === undefined) return undefined
  return `a whole number from ${minimum.toLocaleString('en')} to ${maximum.toLocaleString('en')}`
}
