/** Mail over the simulation of the binding, and proofs that are used at once on a server with many connections. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { mailSettings, readProof } from '../support/process/mail.ts'
import { type LoggedIn, logInPerson } from '../support/process/people.ts'
import { findPostgres, runOn } from '../support/process/postgres.ts'
import { times } from '../support/process/times.ts'
import { type RunningWorker, startWorker } from '../support/process/worker.ts'

const postgres = await findPostgres('No race was tested')

describe.skipIf(!postgres)('on a PostgreSQL server', () => {
  let local: LocalDatabase
  let worker: RunningWorker
  const url = postgres?.url ?? ''

  beforeAll(async () => {
    local = await startLocalDatabase({ databaseUrl: url })
    worker = await startWorker(local.url, { ...mailSettings, EMAIL_CHANGE: 'proof', RATE_LIMITS: 'off' })
  })

  afterAll(async () => {
    await worker.close()
    await local.close()
    await postgres?.close()
  })

  const change = ({ id, password, token }: LoggedIn, email: string) =>
    worker.call('PATCH', `/users/${id}`, { email, current_password: password }, token)

  test('a person who forgot the password gets in again by mail alone', async () => {
    const { username, email, password } = await logInPerson(worker)
    expect((await worker.post('/password-reset', { email })).status).toBe(202)
    const token = await readProof('password-reset', email)
    const answer = await worker.call('PUT', '/password-reset', { token, new_password: 'a forgotten horse' })
    expect([answer.status, Object.keys(answer.json)]).toEqual([200, ['access_token', 'refresh_token', 'status']])
    expect((await worker.post('/login', { username, password })).status).toBe(401)
    expect((await worker.post('/login', { username, password: 'a forgotten horse' })).status).toBe(200)
  })

  test('of 20 resets with one proof at once, one sets its password [V2.3.4]', async () => {
    const { username, email } = await logInPerson(worker)
    await worker.post('/password-reset', { email })
    const token = await readProof('password-reset', email)
    const passwords = times(20, (n) => `horse number ${n}`)
    const answers = await Promise.all(
      passwords.map((new_password) => worker.call('PUT', '/password-reset', { token, new_password })),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([200, ...times(19, () => 401)])
    const works = await worker.post('/login', { username, password: passwords[statuses.indexOf(200)] })
    expect(works.status).toBe(200)
  })

  test('of two people who prove one address at once, one has it and the other hears that it is taken [V2.3.4]', async () => {
    for (const _ of times(4, () => null)) {
      const people = await Promise.all(times(2, () => logInPerson(worker)))
      const email = `${randomUUID()}@acmefitness.com`
      const tokens: string[] = []
      for (const [index, person] of people.entries()) {
        // Two spellings, so that each proof is found: an address is the same in either case.
        const spelling = index === 0 ? email : email.toUpperCase()
        expect((await change(person, spelling)).status).toBe(200)
        tokens.push(await readProof('email-verification', spelling))
      }
      const answers = await Promise.all(tokens.map((token) => worker.call('PUT', '/email-verification', { token })))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
      expect(answers.find(({ status }) => status === 409)?.json.message).toBe('Email is already taken')
      const { rows } = await runOn(url, `SELECT username FROM users WHERE lower(email) = lower('${email}')`)
      expect(rows).toEqual([{ username: people[answers.findIndex(({ status }) => status === 200)]?.username }])
    }
  })

  test('of 20 uses of one proof of an address at once, one counts', async () => {
    const person = await logInPerson(worker)
    const email = `${randomUUID()}@acmefitness.com`
    await change(person, email)
    const token = await readProof('email-verification', email)
    const answers = await Promise.all(times(20, () => worker.call('PUT', '/email-verification', { token })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...times(19, () => 401)])
  })
})
