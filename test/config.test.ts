import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../src/config.ts'

const required = {
  DATABASE_URL: 'postgres://user:canary@db.example/shop',
  ACCESS_TOKEN_KEY: 'canary-a'.repeat(4),
  REFRESH_TOKEN_KEY: 'canary-r'.repeat(4),
}

test('succeeds with defaults for all but the secrets, frozen', () => {
  const config = loadConfig(required)
  expect(config).toEqual({
    databaseUrl: required.DATABASE_URL,
    databaseTimeoutMs: 5_000,
    accessTokenKey: required.ACCESS_TOKEN_KEY,
    refreshTokenKey: required.REFRESH_TOKEN_KEY,
    accessTokenSeconds: 300,
    refreshTokenSeconds: 900,
    rotation: false,
    graceSeconds: 10,
    sessionSeconds: 2_592_000,
    issuer: undefined,
    audience: undefined,
    passwordIterations: 600_000,
    corsOrigins: ['*'],
    usersAccess: 'public',
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
  [{ PBKDF2_ITERATIONS: '999' }, 'PBKDF2_ITERATIONS must be a whole number from 1000 to 10000000'],
  [{ PBKDF2_ITERATIONS: '10000001' }, 'PBKDF2_ITERATIONS must be'],
  [{ CORS_ORIGINS: 'https://canary.example/path' }, 'CORS_ORIGINS must be * or origins'],
  [{ CORS_ORIGINS: 'https://a.example,,' }, 'CORS_ORIGINS must be * or origins'],
  [{ CORS_ORIGINS: 'null' }, 'CORS_ORIGINS must be * or origins'],
  [{ SENTRY_DSN: 'http://canary@sentry.example/1' }, 'SENTRY_DSN must read https://key@host/project'],
  [{ SENTRY_DSN: 'https://sentry.example/canary' }, 'SENTRY_DSN must read https://key@host/project'],
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
