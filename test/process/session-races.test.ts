/** Calls at once on one session or account, through the Worker, on a server with many connections. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type Container, describeService, startContainer } from '../support/process/container.ts'
import { logInPerson, newPerson } from '../support/process/people.ts'
import { findPostgres, runOn } from '../support/process/postgres.ts'
import { times } from '../support/process/times.ts'

const postgres = await findPostgres('No race was tested')

const decode = (token: unknown) => JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())

describe.skipIf(!postgres)('on a PostgreSQL server', () => {
  let local: LocalDatabase
  let contract: Container
  let rotating: Container
  const url = postgres?.url ?? ''

  beforeAll(async () => {
    local = await startLocalDatabase({ databaseUrl: url })
    contract = await startContainer(inject('app'), describeService(local.url))
    rotating = await startContainer(inject('app'), describeService(local.url, { REFRESH_ROTATION: 'on' }))
  })

  afterAll(async () => {
    for (const { process } of [contract, rotating]) process.kill()
    await local.close()
    await postgres?.close()
  })

  const { password } = newPerson()

  describe.each([
    { profile: 'contract', worker: () => contract },
    { profile: 'rotating', worker: () => rotating },
  ])('in the $profile profile', ({ worker }) => {
    test('300 logouts against a refresh in flight leave no token that refreshes [V7.4.1] [V2.3.4]', async () => {
      // A hundred sessions of each of three people: registering 300 would take longer than the race.
      const people = await Promise.all(times(3, () => logInPerson(worker())))
      const logins = people.flatMap(({ username }) => times(100, () => worker().post('/login', { username, password })))
      const sessions = (await Promise.all(logins)).map(({ json }) => ({ refresh: json.refresh_token }))
      const outcomes = await Promise.all(
        sessions.map(async ({ refresh }) => {
          const [refreshed, loggedOut] = await Promise.all([
            worker().post('/refresh-token', { refresh_token: refresh }),
            worker().post('/logout', { refresh_token: refresh }),
          ])
          expect(loggedOut.status).toBe(200)
          expect([200, 401]).toContain(refreshed.status)
          const survivors = [refresh, ...(refreshed.status === 200 ? [refreshed.json.refresh_token] : [])]
          return Promise.all(survivors.map((token) => worker().post('/refresh-token', { refresh_token: token })))
        }),
      )
      expect(new Set(outcomes.flat().map(({ status }) => status))).toEqual(new Set([401]))
    })

    test('of two password changes at once one succeeds, and no other token refreshes [V2.3.4]', async () => {
      for (const _ of times(5, () => null)) {
        const { username, id, token: access, refresh_token: refresh } = await logInPerson(worker())
        const passwords = ['first horse battery', 'second horse battery']
        const answers = await Promise.all(
          passwords.map((new_password) =>
            worker().call('PUT', `/users/${id}/password`, { current_password: password, new_password }, access),
          ),
        )
        const winners = answers.filter(({ status }) => status === 200)
        expect(winners).toHaveLength(1)
        for (const { status } of answers) expect([200, 401, 409]).toContain(status)
        const works = await Promise.all(passwords.map((each) => worker().post('/login', { username, password: each })))
        expect(works.map(({ status }) => status)).toEqual(answers.map(({ status }) => (status === 200 ? 200 : 401)))
        expect((await worker().post('/refresh-token', { refresh_token: refresh })).status).toBe(401)
        const token = winners[0]?.json.refresh_token
        expect((await worker().post('/refresh-token', { refresh_token: token })).status).toBe(200)
      }
    })

    test('a login with the old password during a change leaves no session that refreshes', async () => {
      let sessions = 0
      for (const _ of times(8, () => null)) {
        const { username, id, token: access } = await logInPerson(worker())
        const body = { current_password: password, new_password: 'another horse battery' }
        const [login, change] = await Promise.all([
          worker().post('/login', { username, password }),
          worker().call('PUT', `/users/${id}/password`, body, access),
        ])
        expect(change.status).toBe(200)
        expect([200, 401]).toContain(login.status)
        if (login.status !== 200) continue
        sessions++
        const { refresh_token } = login.json
        expect((await worker().post('/refresh-token', { refresh_token })).status).toBe(401)
      }
      expect(sessions).toBeGreaterThan(0)
    })

    test('a deletion during 10 refreshes leaves no token that refreshes [V2.3.3]', async () => {
      const { id, token: access, refresh_token: refresh } = await logInPerson(worker())
      const [deletion, ...refreshes] = await Promise.all([
        worker().call('DELETE', `/users/${id}`, { password }, access),
        ...times(10, () => worker().post('/refresh-token', { refresh_token: refresh })),
      ])
      expect(deletion?.status).toBe(200)
      const tokens = refreshes.filter(({ status }) => status === 200).map(({ json }) => json.refresh_token)
      for (const refresh_token of [refresh, ...tokens]) {
        expect((await worker().post('/refresh-token', { refresh_token })).status).toBe(401)
      }
    })
  })

  test('50 refreshes of one token at once all succeed and leave one current rotation [V10.4.5] [V2.3.4]', async () => {
    const { refresh_token: refresh } = await logInPerson(rotating)
    const answers = await Promise.all(times(50, () => rotating.post('/refresh-token', { refresh_token: refresh })))
    expect(answers.map(({ status }) => status)).toEqual(times(50, () => 200))
    const successors = answers.map(({ json }) => json.refresh_token)
    expect(new Set(successors.map((token) => decode(token).rot))).toEqual(new Set([1]))
    expect(new Set(successors.map((token) => decode(token).jti)).size).toBe(50)
    const { sid } = decode(refresh)
    const { rows } = await runOn(url, `SELECT rotation, ended FROM sessions WHERE sid = '${sid}'`)
    expect(rows).toEqual([{ rotation: 1, ended: false }])

    await endGrace(sid)
    expect((await rotating.post('/refresh-token', { refresh_token: refresh })).status).toBe(401)
    const afterwards = await Promise.all(
      successors.map((refresh_token) => rotating.post('/refresh-token', { refresh_token })),
    )
    expect(new Set(afterwards.map(({ status }) => status))).toEqual(new Set([401]))
  })

  /** Ends the grace of a session's last move, by the database's clock. */
  const endGrace = (sid: string) =>
    runOn(url, `UPDATE sessions SET rotated_at = rotated_at - interval '11 seconds' WHERE sid = '${sid}'`)

  test('successors that refresh at once move the session on by one', async () => {
    const { refresh_token: refresh } = await logInPerson(rotating)
    const first = await Promise.all(times(5, () => rotating.post('/refresh-token', { refresh_token: refresh })))
    await endGrace(decode(refresh).sid)
    const second = await Promise.all(
      first.map(({ json }) => rotating.post('/refresh-token', { refresh_token: json.refresh_token })),
    )
    expect(second.map(({ status, json }) => [status, decode(json.refresh_token).rot])).toEqual(times(5, () => [200, 2]))
  })

  test('five tabs that share a storage stay logged in over 50 rounds, and a replay after the grace still ends the session', async () => {
    const { refresh_token: refresh } = await logInPerson(rotating)
    const { sid } = decode(refresh)
    // The tabs read and write it in any order: one may begin with the token that another has just stored.
    let stored: unknown = refresh
    const spent = new Set<unknown>()
    const refreshTab = async () => {
      const refresh_token = stored
      const { status, json } = await rotating.post('/refresh-token', { refresh_token })
      if (status === 200) stored = json.refresh_token
      spent.add(refresh_token)
      return status
    }
    for (let round = 0; round < 50; round++) {
      const [first, second] = [refreshTab(), refreshTab()]
      await first
      const [third, fourth] = [refreshTab(), refreshTab()]
      await second
      expect(await Promise.all([first, second, third, fourth, refreshTab()])).toEqual(times(5, () => 200))
      if (round % 2 === 0) await endGrace(sid)
    }
    expect(decode(stored).rot).toBeGreaterThanOrEqual(25)
    await endGrace(sid)
    const replayed = [...spent].find((token) => decode(token).rot < decode(stored).rot)
    expect((await rotating.post('/refresh-token', { refresh_token: replayed })).status).toBe(401)
    expect((await rotating.post('/refresh-token', { refresh_token: stored })).status).toBe(401)
  })
})
