/** The Worker on bare workerd and a service that knows breached passwords: what that is sent, and how connections fail. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type Container, describeService, startContainer } from '../support/process/container.ts'
import { newPerson } from '../support/process/people.ts'
import { findFreePort } from '../support/process/postgres.ts'
import { type RangeService, startRangeService } from '../support/process/range-service.ts'

const password = 'breached horse battery'
const digest = createHash('sha1').update(password).digest('hex').toUpperCase()

let local: LocalDatabase
let ranges: RangeService

beforeAll(async () => {
  local = await startLocalDatabase()
  ranges = await startRangeService()
})

afterAll(async () => {
  ranges.close()
  await local.close()
})

/** Registers somebody with the breached password, at a Worker of its own. */
async function register(rangeUrl: string) {
  const settings = { PWNED_PASSWORDS: 'on', PWNED_PASSWORDS_URL: rangeUrl }
  const worker: Container = await startContainer(inject('app'), describeService(local.url, settings))
  const { status } = await worker.post('/register', { ...newPerson(), password })
  worker.process.kill()
  await worker.exited
  return { status, output: worker.output() }
}

test('the service is sent five digits of the digest, and nothing else of the password or the person [V14.2.3]', async () => {
  expect((await register(`${ranges.url}/range`)).status).toBe(400)
  expect(ranges.requests).toEqual([
    {
      method: 'GET',
      url: `/range/${digest.slice(0, 5)}`,
      headers: { host: new URL(ranges.url).host, 'add-padding': 'true', 'user-agent': 'acme-user-service' },
      body: '',
    },
  ])
})

test.each(['reset', 'broken-off'])(
  'a connection that is %s lets the password pass, and the log says so [V16.5.2]',
  async (behaviour) => {
    const { status, output } = await register(`${ranges.url}/${behaviour}`)
    expect(status).toBe(201)
    expect(output).toContain('"event":"pwned_check_failed"')
    expect(output).not.toContain(digest.slice(0, 5))
  },
)

test('a service that refuses connections lets the password pass, and the log says so [V16.5.2]', async () => {
  const { status, output } = await register(`http://127.0.0.1:${await findFreePort()}/range`)
  expect(status).toBe(201)
  expect(output).toContain('"event":"pwned_check_failed"')
})
