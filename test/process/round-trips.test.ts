/** How often each call goes to the store, counted where the store is and held against the table of calls. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { operations } from '../../scripts/openapi/operations.ts'
import { mailSettings, readProof } from '../support/process/mail.ts'
import type { Answer } from '../support/process/service.ts'
import { type RunningWorker, startWorker } from '../support/process/worker.ts'

const statements: string[] = []
let local: LocalDatabase
let worker: RunningWorker

beforeAll(async () => {
  local = await startLocalDatabase({ onStatement: (text) => statements.push(text) })
  worker = await startWorker(local.url, mailSettings)
})

afterAll(async () => {
  await worker.close()
  await local.close()
})

const password = 'vmware1!'
/** Of this run: messages of earlier ones are kept. */
const run = crypto.randomUUID().slice(0, 8)
let people = 0

function newPerson() {
  const username = `person${++people}-${run}`
  return { username, password, firstname: 'a', lastname: 's', email: `${username}@acmefitness.com` }
}

/** Registers a person and logs in. */
async function join() {
  const { username, ...person } = newPerson()
  const { json } = await worker.post('/register', { username, ...person })
  const login = await worker.post('/login', { username, password })
  return {
    id: json.resourceId,
    username,
    email: person.email,
    token: String(login.json.access_token),
    refresh: login.json.refresh_token,
  }
}

type Person = Awaited<ReturnType<typeof join>>

/** The body of each call that has one, by the id of its operation. */
const bodies: Record<string, (person: Person) => object | Promise<object>> = {
  register: newPerson,
  login: ({ username }) => ({ username, password }),
  refreshToken: ({ refresh }) => ({ refresh_token: refresh }),
  verifyToken: ({ token }) => ({ access_token: token }),
  logout: ({ refresh }) => ({ refresh_token: refresh }),
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
  const person = await join()
  const body = await bodies[id]?.(person)
  const call = () => worker.call(method, path.replace('{id}', String(person.id)), body, person.token)
  expect(await count(call)).toEqual({ status, statements: expected })
})

test('a login that fails takes as many as one that succeeds', async () => {
  const { username } = await join()
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
  const { username } = await join()
  const taken = { ...newPerson(), username }
  const succeeds = operations['/register']?.post?.statements ?? 0
  expect(await count(() => worker.post('/register', taken))).toEqual({ status: 409, statements: succeeds + 1 })
})

test('a password change that is sent again takes as many as the first time', async () => {
  const person = await join()
  const body = await bodies.changePassword?.(person)
  const change = () => worker.call('PUT', `/users/${person.id}/password`, body, person.token)
  const first = await count(change)
  expect(await count(change)).toEqual(first)
})

test('a refresh with rotation takes as many as one without', async () => {
  const rotating = await startWorker(local.url, { REFRESH_ROTATION: 'on' })
  const { username } = await join()
  const { json } = await rotating.post('/login', { username, password })
  const refresh = () => rotating.post('/refresh-token', { refresh_token: json.refresh_token })
  expect(await count(refresh)).toEqual({ status: 200, statements: operations['/refresh-token']?.post?.statements })
  await rotating.close()
})
