import { describe, expect, test } from 'vitest'
import { isLoopback, locateDatabase } from '../../src/settings/database.ts'

const endpointOf = (url: string, proxy?: string) => {
  const located = locateDatabase(url, proxy)
  return 'endpoint' in located ? located.endpoint : located.fault
}

test.each([
  ['postgres://u:p@ep-1.eu-central-1.aws.neon.tech/x', 'https://api.eu-central-1.aws.neon.tech/sql'],
  [
    'postgresql://u:p@EP-1-pooler.us-east-2.AWS.Neon.Tech:5432/x?sslmode=require',
    'https://api.us-east-2.aws.neon.tech/sql',
  ],
  ['postgres://u:p@ep-1.us-east-2.aws.neon.build/x', 'https://api.us-east-2.aws.neon.build/sql'],
  ['postgres://u:p@localhost/x', 'http://localhost:5432/sql'],
  ['postgres://u:p@LOCALHOST:5488/x', 'http://localhost:5488/sql'],
  ['postgres://u:p@localhost:80/x', 'http://localhost:80/sql'],
  ['postgres://u:p@127.0.0.1:5488/x', 'http://127.0.0.1:5488/sql'],
  ['postgres://u:p@127.0.0.2:5488/x', 'http://127.0.0.2:5488/sql'],
  ['postgres://u:p@127.1:5488/x', 'http://127.0.0.1:5488/sql'],
  ['postgres://u:p@[::1]:5488/x', 'http://[::1]:5488/sql'],
  ['postgres://u:p@[0:0:0:0:0:0:0:1]:5488/x', 'http://[::1]:5488/sql'],
  ['postgres://u:p@db.localhost:5488/x', 'http://db.localhost:5488/sql'],
  ['postgres://u:p@host.docker.internal:5488/x', 'http://host.docker.internal:5488/sql'],
])('the store of %s is reached at %s', (url, endpoint) => expect(endpointOf(url)).toBe(endpoint))

test.each([
  ['postgres://u:canary@db:5432/app', 'db'],
  ['postgres://u:canary@db.abcd.supabase.co/postgres', 'db.abcd.supabase.co'],
  ['postgres://u:canary@neon.tech.evil.example/x', 'neon.tech.evil.example'],
  ['postgres://u:canary@evilneon.tech/x', 'evilneon.tech'],
  ['postgres://u:canary@localhost.evil.example/x', 'localhost.evil.example'],
  ['postgres://u:canary@mydb.abc.eu-west-1.rds.amazonaws.com/x', 'mydb.abc.eu-west-1.rds.amazonaws.com'],
  ['postgres://u:canary@10.0.0.5/x', '10.0.0.5'],
  ['postgres://u:canary@128.0.0.1/x', '128.0.0.1'],
  ['postgres://u:canary@[2001:db8::1]/x', '[2001:db8::1]'],
])('%s is refused by the name of its host', (url, host) => {
  const fault = endpointOf(url)
  expect(fault).toContain(`names ${host}, which is neither Neon's nor this machine`)
  expect(fault).toContain('NEON_PROXY_URL')
  expect(fault).not.toContain('canary')
})

test('any other database is reached at NEON_PROXY_URL', () => {
  const proxy = 'https://proxy.internal:4444/sql'
  expect(endpointOf('postgres://u:p@db:5432/app', proxy)).toBe(proxy)
  expect(endpointOf('postgres://u:p@localhost/app', proxy)).toBe(proxy)
})

test.each([
  '',
  'postgres://',
  'canary',
  'https://u:canary@ep-1.neon.tech/x',
  'mysql://u:canary@localhost/x',
  'postgres://ep-1.neon.tech/canary',
  'postgres://localhost/canary',
  'postgres://u:canary@ep-1.neon.tech',
  'postgres://u:canary@ep-1.neon.tech/',
  'postgres:///canary?host=/var/run/postgresql',
  'postgres://u:canary@a b/x',
])('%j is no connection string of a store', (url) => {
  expect(endpointOf(url)).toBe('must read postgres://user:password@host/database')
})

describe('this machine', () => {
  test.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '0.0.0.0',
  ])('is %s', (host) => expect(isLoopback(host)).toBe(true))
  test.each([
    '',
    'example.com',
    '126.0.0.1',
    '10.0.0.1',
    '::2',
    'localhost.example',
    'mylocalhost',
    '/var/run/postgresql',
  ])('is not %j', (host) => expect(isLoopback(host)).toBe(false))
})
