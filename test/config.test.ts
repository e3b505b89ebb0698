import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../src/config.ts'

const required = {
  DATABASE_URL: 'postgres://user:canary@ep-1.eu-central-1.aws.neon.tech/shop',
  ACCESS_TOKEN_KEY: 'canary-a'.repeat(4),
  REFRESH_TOKEN_KEY: 'canary-r'.repeat(4),
}

test('succeeds with defaults for all but the secrets, frozen', () => {
  const config = loadConfig(required)
  expect(config).toEqual({
    database: { url: required.DATABASE_URL, endpoint: 'https://api.eu-central-1.aws.neon.tech/sql' },
    databaseTimeoutMs: 5_000,
    accessTokenKey: required.ACCESS_TOKEN_KEY,
    refreshTokenKey: required.REFRESH_TOKEN_KEY,
    accessTokenSeconds: 300,
    refreshTokenSeconds: 900,
    rotation: false,
    graceSeconds: 10,
    sessionSeconds: 2_592_000,
    issuer: undefined,
    audiences: [],
    mailFrom: undefined,
    mailLink: undefined,
    proofSeconds: 900,
    emailChange: 'direct',
    passwordIterations: 600_000,
    largestIterations: 600_000,
    pwnedPasswordsUrl: undefined,
    corsOrigins: ['*'],
    usersAccess: 'public',
    limited: true,
    addressHeader: 'CF-Connecting-IP',
    sentryDsn: undefined,
    service: 'user',
    version: 'dev',
    stage: 'dev',
  })
  expect(Object.isFrozen(config) && Object.isFrozen(config.corsOrigins)).toBe(true)
})

test('succeeds with unset variables that are empty or, as in bare workerd, null', () => {
  expect(loadConfig({ ...required, ACCESS_TOKEN_SECONDS: '', CORS_ORIGINS: null })).toEqual(loadConfig(required))
})

test.each([' ', '\n', '\r\n', '\t', '\u00a0', '\ufeff', '\u200b', '\u2028', '\0', ' \n\u200b'])(
  'drops %j around every setting, and takes a setting that is nothing else for unset',
  (space) => {
    const given = {
      ...required,
      ACCESS_TOKEN_SECONDS: '60',
      REFRESH_ROTATION: 'on',
      TOKEN_ISSUER: 'https://users.example',
      TOKEN_AUDIENCE: 'cart,order',
      MAIL_FROM: 'Shop <users@shop.example>',
      MAIL_LINK: 'https://shop.example/account',
      EMAIL_CHANGE: 'proof',
      PBKDF2_ITERATIONS: '1000',
      USERS_ACCESS: 'owner',
      ADDRESS_HEADER: 'X-Real-IP',
      CORS_ORIGINS: 'https://shop.example',
      SENTRY_DSN: 'https://key@sentry.example/1',
      STAGE: 'staging',
    }
    const pasted = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, space + text + space]))
    expect(loadConfig(pasted)).toEqual(loadConfig(given))
    expect(loadConfig({ ...required, TOKEN_ISSUER: space, CORS_ORIGINS: space, ADDRESS_HEADER: space })).toEqual(
      loadConfig(required),
    )
  },
)

test('lists drop white space and empty entries', () => {
  const { audiences } = loadConfig({ ...required, TOKEN_AUDIENCE: ' cart , ,order,' })
  expect(audiences).toEqual(['cart', 'order'])
})

test('bindings are no settings', () => {
  expect(loadConfig({ ...required, STAGE: { fetch: () => {} }, LOGIN_BY_ADDRESS: { limit: () => {} } }).stage).toBe(
    'dev',
  )
})

test('the costliest stored hash is never cheaper than a new one', () => {
  const costs = { PBKDF2_ITERATIONS: '50000', PBKDF2_LARGEST_ITERATIONS: '600000' }
  expect(loadConfig({ ...required, ...costs }).largestIterations).toBe(600_000)
  expect(loadConfig({ ...required, PBKDF2_LARGEST_ITERATIONS: '50000' }).largestIterations).toBe(600_000)
})

test('succeeds with numbers as text and as numbers', () => {
  const config = loadConfig({ ...required, ACCESS_TOKEN_SECONDS: '60', PBKDF2_ITERATIONS: 1_000 })
  expect(config).toMatchObject({ accessTokenSeconds: 60, passwordIterations: 1_000 })
})

test.each([
  [{ DATABASE_URL: undefined }, 'DATABASE_URL is missing'],
  [{ DATABASE_URL: 'canary' }, 'DATABASE_URL must read postgres://user:password@host/database'],
  [{ DATABASE_URL: 'https://user:canary@db.example/shop' }, 'DATABASE_URL must read postgres://'],
  [{ DATABASE_URL: 'postgres://db.example/canary' }, 'DATABASE_URL must read postgres://'],
  [{ ACCESS_TOKEN_KEY: undefined }, 'ACCESS_TOKEN_KEY is missing'],
  [{ ACCESS_TOKEN_SECONDS: '5m' }, 'ACCESS_TOKEN_SECONDS must be a whole number from 1 to 86400'],
  [{ ACCESS_TOKEN_SECONDS: '0' }, 'ACCESS_TOKEN_SECONDS must be'],
  [{ REFRESH_TOKEN_SECONDS: '1.5' }, 'REFRESH_TOKEN_SECONDS must be'],
  [{ REFRESH_ROTATION: 'true' }, 'REFRESH_ROTATION must be one of off, on'],
  [{ REFRESH_GRACE_SECONDS: '301' }, 'REFRESH_GRACE_SECONDS must be a whole number from 0 to 300'],
  [{ SESSION_SECONDS: '-1' }, 'SESSION_SECONDS must be'],
  [{ USERS_ACCESS: 'everyone' }, 'USERS_ACCESS must be one of public, authenticated, owner'],
  [{ MAIL_FROM: 'canary' }, 'MAIL_FROM must read users@shop.example or Shop <users@shop.example>'],
  [{ MAIL_LINK: 'http://canary.example' }, 'MAIL_LINK must read https://shop.example/account'],
  [{ MAIL_PROOF_SECONDS: '59' }, 'MAIL_PROOF_SECONDS must be a whole number from 60 to 86400'],
  [{ EMAIL_CHANGE: 'on' }, 'EMAIL_CHANGE must be one of direct, proof'],
  [{ EMAIL_CHANGE: 'proof', MAIL_FROM: 'canary@shop.example' }, 'EMAIL_CHANGE is proof, which needs MAIL_FROM and'],
  [{ PBKDF2_ITERATIONS: '999' }, 'PBKDF2_ITERATIONS must be a whole number from 1000 to 10000000'],
  [{ PBKDF2_ITERATIONS: '10000001' }, 'PBKDF2_ITERATIONS must be'],
  [{ PBKDF2_ITERATIONS: '0x10000' }, 'PBKDF2_ITERATIONS must be'],
  [{ ACCESS_TOKEN_SECONDS: '1e3' }, 'ACCESS_TOKEN_SECONDS must be'],
  [{ REFRESH_ROTATION: 'On' }, 'REFRESH_ROTATION must be one of off, on'],
  [{ REFRESH_ROTATION: true }, 'REFRESH_ROTATION must be one of off, on'],
  [{ RATE_LIMITS: 'none' }, 'RATE_LIMITS must be one of on, off'],
  [{ TOKEN_ISSUER: '"canary"' }, 'TOKEN_ISSUER is in quotes: leave them out'],
  [{ DATABASE_URL: "'postgres://u:canary@ep-1.neon.tech/x'" }, 'DATABASE_URL is in quotes: leave them out'],
  [
    { CORS_ORIGINS: 'https://a.example,https://canary.example/path' },
    'CORS_ORIGINS has something else than an origin as number 2',
  ],
  [{ CORS_ORIGINS: '*,https://canary.example' }, 'CORS_ORIGINS has * beside others'],
  [{ ADDRESS_HEADER: 'X Canary' }, 'ADDRESS_HEADER must be the name of a header, or none'],
  [{ PWNED_PASSWORDS: 'yes' }, 'PWNED_PASSWORDS must be one of off, on'],
  [{ PWNED_PASSWORDS_URL: 'canary.example/range' }, 'PWNED_PASSWORDS_URL must read https://host/range'],
  [{ PWNED_PASSWORDS_URL: 'ftp://canary.example/range' }, 'PWNED_PASSWORDS_URL must read https://host/range'],
  [{ PWNED_PASSWORDS_URL: 'https://u:canary@a.example/range' }, 'PWNED_PASSWORDS_URL must read https://host/range'],
  [{ PWNED_PASSWORDS_URL: 'https://a.example/range?canary' }, 'PWNED_PASSWORDS_URL must read https://host/range'],
  [{ NEON_PROXY_URL: 'canary.example/sql' }, 'NEON_PROXY_URL must read https://host/sql'],
])('rejects %j by the name of the setting, without its value [V16.2.5]', (change, message) => {
  const load = () => loadConfig({ ...required, ...change })
  expect(load).toThrow(ConfigError)
  expect(load).toThrow(message)
  expect(load).not.toThrow('canary')
})

test('rejects all bad settings at once', () => {
  expect(() => loadConfig({})).toThrow(
    'DATABASE_URL is missing; ACCESS_TOKEN_KEY is missing; REFRESH_TOKEN_KEY is missing',
  )
})
