/** How often each call goes to the store, counted where the store is. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type RunningWorker, startWorker } from '../support/process/worker.ts'

const statements: string[] = []
let local: LocalDatabase
let worker: RunningWorker

beforeAll(async () => {
  local = await startLocalDatabase({ onStatement: (text) => statements.push(text) })
  worker = await startWorker(local.url)
})

afterAll(async () => {
  await worker.close()
  await local.close()
})

test('one for each call that needs the store, none for a token check', async () => {
  const count = async (call: Promise<{ status: number; json: Record<string, unknown> }>) => {
    statements.length = 0
    const { status, json } = await call
    return { status, json, trips: statements.length }
  }
  const credentials = { username: 'peterp', password: 'vmware1!' }
  const register = await count(
    worker.post('/register', { ...credentials, firstname: 'a', lastname: 's', email: 'peterp@acmefitness.com' }),
  )
  const login = await count(worker.post('/login', credentials))
  const { access_token, refresh_token } = login.json
  const calls = {
    register,
    login,
    wrongPassword: await count(worker.post('/login', { ...credentials, password: 'wrong' })),
    unknownUser: await count(worker.post('/login', { ...credentials, username: 'nobody' })),
    refresh: await count(worker.post('/refresh-token', { refresh_token })),
    verify: await count(worker.post('/verify-token', { access_token })),
    user: await count(worker.get(`/users/${register.json.resourceId}`)),
    users: await count(worker.get('/users')),
  }
  const seen = Object.entries(calls).map(([name, { status, trips }]) => [name, status, trips])
  expect(seen).toEqual([
    ['register', 201, 1],
    ['login', 200, 1],
    ['wrongPassword', 401, 1],
    ['unknownUser', 401, 1],
    ['refresh', 200, 1],
    ['verify', 200, 0],
    ['user', 200, 1],
    ['users', 200, 1],
  ])
})
