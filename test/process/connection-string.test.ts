/** Every command reads a connection string in one way. `connection.test.ts` shows how servers are checked. */
import { describe, expect, test, vi } from 'vitest'
import { readConnectionString } from '../../ops/connection-string.ts'

const CANARY = 'canary-3f9c1d'
const read = (text: string) => readConnectionString('DATABASE_URL', text)

/** Returns what a connection string asks of TLS: 'plain', 'unverified', or 'verified'. */
function findTls(text: string): string {
  const { ssl } = read(text).config
  if (typeof ssl !== 'object') return 'plain'
  return ssl.rejectUnauthorized ? 'verified' : 'unverified'
}

const withoutMode = ['', '?sslmode=', '?sslmode=prefer', '?sslmode=allow', '?uselibpqcompat=true&sslmode=prefer']
const strict = ['require', 'verify-ca', 'verify-full'].flatMap((mode) => [
  `?sslmode=${mode}`,
  `?uselibpqcompat=true&sslmode=${mode}`,
  `?channel_binding=require&sslmode=${mode}`,
])
const local = ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', '%2Ftmp', 'db.example/x?host=/tmp&']

describe.each(['db.example', '10.0.0.1', '127.0.0.1.example', 'localhost.example', 'localhost/x?host=db.example&'])(
  'at %s',
  (host) => {
    const url = (query: string) => `postgres://u:p@${host}${host.includes('?') ? query.slice(1) : `/x${query}`}`

    test.each([...withoutMode, ...strict, '?ssl=true'])('the certificate is verified with %j', (query) => {
      expect(findTls(url(query))).toBe('verified')
    })

    test.each(['?sslmode=no-verify', '?ssl=no-verify'])('%j verifies nothing', (query) => {
      expect(findTls(url(query))).toBe('unverified')
    })

    test.each(['?sslmode=disable', '?ssl=false', '?ssl=0'])('%j is without TLS', (query) => {
      expect(findTls(url(query))).toBe('plain')
    })
  },
)

describe.each(local)('at %s, which is this machine,', (host) => {
  const url = (query: string) => `postgres://u:p@${host}${host.includes('?') ? query.slice(1) : `/x${query}`}`

  test.each([...withoutMode, '?sslmode=disable'])('there is no TLS with %j', (query) => {
    expect(findTls(url(query))).toBe('plain')
  })

  test.each([...strict, '?sslrootcert=system'])('the certificate is verified with %j', (query) => {
    expect(findTls(url(query))).toBe('verified')
  })
})

test('no setting of the environment switches the verification off', () => {
  for (const [name, value] of Object.entries({ PGSSLMODE: 'disable', PGSSLNEGOTIATION: 'direct' }))
    vi.stubEnv(name, value)
  expect(findTls('postgres://u:p@db.example/x')).toBe('verified')
  expect(findTls('postgres://u:p@localhost/x')).toBe('plain')
})

test.each([
  `postgres//u:${CANARY}@localhost/x`,
  `mysql://u:${CANARY}@localhost/x`,
  `postgres://u:${CANARY}#1@localhost/x`,
  `postgres://u:12/${CANARY}@localhost/x`,
  `postgres://u:${CANARY}@localhost:99999/x`,
  `postgres://u:${CANARY}@localhost/x?port=many`,
  CANARY,
])('refuses the malformed %s', (text) => {
  expect(() => read(text)).toThrow(/^DATABASE_URL must read postgres:\/\/((?!canary).)*$/)
})

test.each([
  `postgres://u:${CANARY}@a.example,b.example/x`,
  `postgres://u:${CANARY}@a.example:5432,b.example:5432/x`,
  `postgres://u:${CANARY}@/x?host=a.example,b.example`,
])('refuses the several hosts of %s', (text) => {
  expect(() => read(text)).toThrow(/^DATABASE_URL names several hosts((?!canary).)*$/)
})

test.each([
  ['sslmode=verify_full', 'has an unknown sslmode'],
  ['sslmode=Require', 'has an unknown sslmode'],
  ['sslrootcert=/nowhere/ca.pem', 'in sslrootcert that cannot be read: /nowhere/ca.pem'],
  ['sslcert=/nowhere/client.pem', 'in sslcert that cannot be read: /nowhere/client.pem'],
  ['sslkey=/tmp', 'in sslkey that cannot be read: /tmp'],
  [`sslrootcert=${import.meta.filename}`, 'no certificate or key in PEM form'],
  [`sslcert=${import.meta.filename}`, 'no certificate or key in PEM form'],
])('refuses %s', (parameter, message) => {
  expect(() => read(`postgres://u:${CANARY}@db.example/x?${parameter}`)).toThrow(message)
})

test.each([
  ['postgres://u:p@db.example/x', 'db.example', 5432],
  ['postgresql://u:p@db.example:6543/x', 'db.example', 6543],
  ['postgres://u:p@[::1]:5/x', '::1', 5],
  ['postgres://u:p@/x?host=/tmp&port=7', '/tmp', 7],
  ['postgres://u:p@%2Fvar%2Frun/x', '/var/run', 5432],
  ['postgres://u:p@localhost/x?host=db.example', 'db.example', 5432],
  [' postgres://u:p@db.example/x?sslmode=require\n', 'db.example', 5432],
])('finds the host and port of %s', (text, host, port) => {
  expect(read(text)).toMatchObject({ host, port })
})
