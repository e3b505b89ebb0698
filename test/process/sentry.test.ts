/** A listener in the place of Sentry reads the reports of unexpected errors. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type Container, describeService, startContainer } from '../support/process/container.ts'
import { runOn } from '../support/process/postgres.ts'

const envelopes: string[] = []
const listener = createServer(async (request, response) => {
  envelopes.push(`${request.url} ${JSON.stringify(request.headers)}\n${await text(request)}`)
  response.end('{}')
})
const dsnAt = (port: number) => `http://0123456789abcdef0123456789abcdef@localhost:${port}/1`

let local: LocalDatabase
let worker: Container

const start = (databaseUrl: string, settings?: Record<string, string>) =>
  startContainer(inject('app'), describeService(databaseUrl, settings))

beforeAll(async () => {
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  local = await startLocalDatabase()
  const { port } = listener.address() as AddressInfo
  worker = await start(local.url, { SENTRY_DSN: dsnAt(port), VERSION: 'v1.2.3', STAGE: 'staging' })
})

afterAll(async () => {
  worker.process.kill()
  await local.close()
  listener.close()
})

beforeEach(() => {
  envelopes.length = 0
})

/** Causes an unexpected error: the table gets a rule that the Worker does not know. */
async function breakTable<Result>(work: () => Promise<Result>): Promise<Result> {
  await runOn(local.url, 'ALTER TABLE users ADD CONSTRAINT unknown_rule CHECK (false) NOT VALID')
  try {
    return await work()
  } finally {
    await runOn(local.url, 'ALTER TABLE users DROP CONSTRAINT unknown_rule')
  }
}

async function waitForEnvelope(): Promise<string> {
  for (let waited = 0; envelopes.length === 0 && waited < 10_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return envelopes.join('\n')
}

const canary = {
  username: 'canary-name',
  password: 'canary-password',
  firstname: 'canary-first',
  lastname: 'canary-last',
  email: 'canary-mail@acmefitness.com',
}

test('an unexpected error arrives with release, environment, route and request id, and with nothing of the caller [V14.2.3] [V16.2.5] [V16.3.4]', async () => {
  const { status, json } = await breakTable(() =>
    worker.call('POST', '/register?canary-query', canary, 'canary-token', {
      Cookie: 'canary-cookie',
      'X-Request-Id': 'sentry-request-1',
    }),
  )
  expect([status, json.message]).toEqual([500, 'Internal server error'])
  const envelope = await waitForEnvelope()
  for (const part of [
    'v1.2.3',
    'staging',
    '/register',
    'sentry-request-1',
    'SQLSTATE 23514, constraint unknown_rule',
  ]) {
    expect(envelope).toContain(part)
  }
  const [address = '', , item = '', text = ''] = envelope.split('\n')
  expect(address).toContain('/api/1/envelope/?sentry_key=0123456789abcdef0123456789abcdef')
  expect(JSON.parse(item)).toMatchObject({ type: 'event' })
  const event = JSON.parse(text)
  // The report has no request, user, breadcrumbs or server name.
  expect(Object.keys(event).sort()).toEqual([
    'contexts',
    'environment',
    'event_id',
    'exception',
    'platform',
    'release',
    'sdk',
    'tags',
    'timestamp',
  ])
  expect(Object.keys(event.contexts)).toEqual(['trace'])
  expect(event.tags).toEqual({ service: 'user', route: '/register', request: 'sentry-request-1' })
  expect(event.exception.values).toHaveLength(1)
  const [exception] = event.exception.values
  expect(exception).toMatchObject({ type: 'StatementRefused', value: 'SQLSTATE 23514, constraint unknown_rule' })
  expect(exception.stacktrace.frames.at(-1)).toMatchObject({ lineno: expect.any(Number), colno: expect.any(Number) })
  expect(envelope).not.toContain('canary')
  expect(envelope).not.toContain('insert into')
  expect(envelope).not.toContain(new URL(local.url).host)
})

test('no refusal arrives, nor a store that is away', async () => {
  await worker.get('/nope')
  await worker.post('/login', { username: 'nobody', password: 'x' })
  await worker.post('/login', {})
  const lonely = await start('postgres://u:p@localhost:1/x', { SENTRY_DSN: dsnAt(0) })
  expect((await lonely.get('/users')).status).toBe(503)
  lonely.process.kill()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(envelopes).toEqual([])
})

test('without a DSN, and with one where nobody listens or nobody answers, the response is the same [V16.5.1] [V16.5.2]', async () => {
  const deaf = createServer(() => {})
  await once(deaf.listen(0, '127.0.0.1'), 'listening')
  const { port } = deaf.address() as AddressInfo
  for (const vars of [{}, { SENTRY_DSN: dsnAt(1) }, { SENTRY_DSN: dsnAt(port) }]) {
    const other = await start(local.url, vars)
    const { status, json } = await breakTable(() => other.post('/register', canary))
    expect([status, json]).toEqual([500, { message: 'Internal server error', status: 500 }])
    other.process.kill()
  }
  deaf.closeAllConnections()
  deaf.close()
})
