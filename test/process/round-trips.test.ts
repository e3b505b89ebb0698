/** Counts the statements of each call at the store, and compares them with the table of calls. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { operations } from '../../scripts/openapi/operations.ts'
import { newKey } from '../support/keys.ts'
import { mailSettings, readProof } from '../support/process/mail.ts'
import { type LoggedIn, logInPerson, newPerson } from '../support/process/people.ts'
import type { Answer } from '../support/process/service.ts'
import { describeWorker, type RunningWorker, startWorker, startWorkers } from '../support/process/worker.ts'

const statements: string[] = []
let local: LocalDatabase
let worker: RunningWorker

beforeAll(async () => {
  local = await startLocalDatabase({ onStatement: (text) => statements.push(text) })
  const users = describeWorker(local.url, { TOKEN_ISSUER: 'https://users.example', ...mailSettings })
  users.secrets.ACCESS_TOKEN_KEY = JSON.stringify(await newKey('ES256'))
  worker = await startWorkers([users])
})

afterAll(async () => {
  await worker.close()
  await local.close()
})

const { password } = newPerson()

/** The body of each call that has one, by the id of its operation. */
const bodies: Record<string, (person: LoggedIn) => object | Promise<object>> = {
  register: () => newPerson(),
  login: ({ username }) => ({ username, password }),
  refreshToken: ({ refresh_token }) => ({ refresh_token }),
  verifyToken: ({ token }) => ({ access_token: token }),
  logout: ({ refresh_token }) => ({ refresh_token }),
  updateUser: () => ({ email: newPerson().email, current_password: password }),
  changePassword: () => ({ current_password: password, new_password: `another ${password}` }),
  deleteUser: () => ({ password }),
  askReset: ({ email }) => ({ email }),
  resetPassword: async ({ email }) => {
    await worker.post('/password-reset', { email })
    return { token: await readProof('password-reset', email), new_password: `another ${password}` }
  },
  verifyEmail: async ({ email }) => ({ token: await readProof('email-verification', email) }),
}

const calls = Object.entries(operations).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { id, statements, response }]) => ({
    name: `${method.toUpperCase()} ${path}`,
    ...{ method: method.toUpperCase(), path, id, expected: statements, status: response.status },
  })),
)

async function count(call: () => Promise<Answer>) {
  statements.length = 0
  const { status } = await call()
  return { status, statements: statements.length }
}

test.each(calls)('$name takes $expected', async ({ method, path, id, expected, status }) => {
  const person = await logInPerson(worker)
  const body = await bodies[id]?.(person)
  const call = () => worker.call(method, path.replace('{id}', String(person.id)), body, person.token)
  expect(await count(call)).toEqual({ status, statements: expected })
})

test('a login that fails takes as many as one that succeeds', async () => {
  const { username } = await logInPerson(worker)
  const succeeds = operations['/login']?.post?.statements
  expect(await count(() => worker.post('/login', { username, password: 'wrong' }))).toEqual({
    status: 401,
    statements: succeeds,
  })
  expect(await count(() => worker.post('/login', { username: 'nobody', password }))).toEqual({
    status: 401,
    statements: succeeds,
  })
})

test('a registration under a taken name takes one more', async () => {
  const { username } = await logInPerson(worker)
  const taken = { ...newPerson(), username }
  const succeeds = operations['/register']?.post?.statements ?? 0
  expect(await count(() => worker.post('/register', taken))).toEqual({ status: 409, statements: succeeds + 1 })
})

test('a password change that is sent again takes as many as the first time', async () => {
  const person = await logInPerson(worker)
  const body = await bodies.changePassword?.(person)
  const change = () => worker.call('PUT', `/users/${person.id}/password`, body, person.token)
  const first = await count(change)
  expect(await count(change)).toEqual(first)
})

test('a refresh with rotation takes as many as one without', async () => {
  const rotating = await startWorker(local.url, { REFRESH_ROTATION: 'on' })
  const { username } = await logInPerson(worker)
  const { json } = await rotating.post('/login', { username, password })
  const refresh = () => rotating.post('/refresh-token', { refresh_token: json.refresh_token })
  expect(await count(refresh)).toEqual({ status: 200, statements: operations['/refresh-token']?.post?.statements })
  await rotating.close()
})
