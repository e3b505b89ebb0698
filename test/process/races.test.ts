/** Races of registrations, which only a server with many connections at once can show. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { openStore } from '../../src/db/client.ts'
import { newUserId } from '../../src/db/user-id.ts'
import { findCredentials, insertUser } from '../../src/db/users.ts'
import { type Container, describeService, startContainer } from '../support/process/container.ts'
import { createPostgresDatabase, findPostgres, runOn } from '../support/process/postgres.ts'
import { times } from '../support/process/times.ts'

const postgres = await findPostgres('No race was tested')

const locate = (url: string) => ({ url, endpoint: `http://${new URL(url).host}/sql` })

/** Writes a name in the nth mixture of upper and lower case. */
const inCase = (name: string, n: number) => [...name].map((c, at) => ((n >> at) & 1 ? c.toUpperCase() : c)).join('')

const person = (change: object) => ({
  username: crypto.randomUUID(),
  email: `${crypto.randomUUID()}@acmefitness.com`,
  firstname: 'Jane',
  lastname: 'Doe',
  ...change,
})

describe.skipIf(!postgres)('on a PostgreSQL server', () => {
  let local: LocalDatabase
  let worker: Container
  const url = postgres?.url ?? ''

  beforeAll(async () => {
    local = await startLocalDatabase({ databaseUrl: url })
    worker = await startContainer(inject('app'), describeService(local.url))
  })

  afterAll(async () => {
    worker.process.kill()
    await local.close()
    await postgres?.close()
  })

  test('of 40 registrations of one name at once, in any case, one succeeds and 39 get the answer that it is taken [V2.3.4]', async () => {
    const bodies = times(40, (n) => person({ username: inCase('racing', n), password: 'correct horse' }))
    const answers = await Promise.all(bodies.map((body) => worker.post('/register', body)))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...times(39, () => 409)])
    const taken = answers.filter(({ status }) => status === 409)
    for (const { json } of taken) expect(json.message).toBe('Username is already taken')
    const { rows } = await runOn(url, `SELECT count(*)::int FROM users WHERE lower(username) = 'racing'`)
    expect(rows).toEqual([{ count: 1 }])
  })

  test('of 40 registrations of one email at once, one succeeds and 39 get the answer that it is taken [V2.3.4]', async () => {
    const bodies = times(40, (n) =>
      person({ email: `${inCase('racing', n)}@acmefitness.com`, password: 'correct horse' }),
    )
    const answers = await Promise.all(bodies.map((body) => worker.post('/register', body)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ json }) => json.message === 'Email is already taken')).toHaveLength(39)
  })

  test('one registration that arrives 20 times is one user [V2.3.3]', async () => {
    const user = { ...person({}), id: newUserId(0), passwordHash: 'x' }
    const store = openStore(locate(local.url), 5_000)
    await Promise.all(times(20, () => insertUser(store, user)))
    const { rows } = await runOn(url, `SELECT count(*)::int FROM users WHERE username = '${user.username}'`)
    expect(rows).toEqual([{ count: 1 }])
  })

  test('letters count the same in either case where the server would fold them its own way', async () => {
    const turkish = await createPostgresDatabase(
      "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'tr'",
    )
    const served = await startLocalDatabase({ databaseUrl: turkish.url })
    try {
      const store = openStore(locate(served.url), 5_000)
      await insertUser(store, { ...person({ username: 'idil' }), id: newUserId(0), passwordHash: 'x' })
      expect(await findCredentials(store, 'IDIL')).toMatchObject({ username: 'idil' })
      const again = { ...person({ username: 'IDIL' }), id: newUserId(0), passwordHash: 'x' }
      await expect(insertUser(store, again)).rejects.toMatchObject({ name: 'NameTaken', field: 'username' })
    } finally {
      await served.close()
      await turkish.close()
    }
  })
})
