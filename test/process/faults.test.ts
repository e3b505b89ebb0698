/** Makes every call to a store that fails in every way: there is no 500 and no hang, and no confirmed change is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type Container, describeService, startContainer } from '../support/process/container.ts'
import { everyFault, type Fault, startFaultyProxy } from '../support/process/faulty-proxy.ts'
import { type LoggedIn, logInPerson, newPerson } from '../support/process/people.ts'
import { findFreePort, runOn } from '../support/process/postgres.ts'
import { type Answer, makeKeys } from '../support/process/service.ts'

const app = inject('app')

const keys = makeKeys()
const unavailable = { message: 'Service unavailable. Try again later', status: 503 }

let local: LocalDatabase
let proxy: Awaited<ReturnType<typeof startFaultyProxy>>
/** A Worker with time, and one that gives up after a second. Both know the same tokens. */
let worker: Container
let hurried: Container
/** The faults of the next statements. */
let choose: () => Fault | null = () => null

beforeAll(async () => {
  local = await startLocalDatabase()
  proxy = await startFaultyProxy(local.url, () => choose())
  worker = await startWorker(proxy.url, '60')
  hurried = await startWorker(proxy.url, '1')
})

afterAll(async () => {
  worker.process.kill()
  hurried.process.kill()
  await proxy.close()
  await local.close()
})

/** Bare workerd, as in the container: `wrangler dev` turns a lost connection into an answer with status 500. */
function startWorker(databaseUrl: string, timeoutSeconds: string): Promise<Container> {
  const settings = {
    DATABASE_TIMEOUT_SECONDS: timeoutSeconds,
    REFRESH_ROTATION: 'on',
    // A rotation is repeated only where its grace outlasts both tries.
    REFRESH_GRACE_SECONDS: '300',
    ...keys,
  }
  return startContainer(app, describeService(databaseUrl, settings))
}

beforeEach(() => {
  choose = () => null
})

/** Every call that needs the store, with whether it may be tried twice, and its final answer. */
const calls = [
  { name: 'GET /users', repeats: true, status: 200, make: (_: LoggedIn, at = worker) => at.get('/users') },
  {
    name: 'GET /users?limit=2',
    repeats: true,
    status: 200,
    make: (_: LoggedIn, at = worker) => at.get('/users?limit=2'),
  },
  {
    name: 'GET /users/:id',
    repeats: true,
    status: 200,
    make: ({ id }: LoggedIn, at = worker) => at.get(`/users/${id}`),
  },
  {
    name: 'POST /register',
    repeats: true,
    status: 201,
    make: (_: LoggedIn, at = worker) => at.post('/register', newPerson()),
  },
  {
    name: 'POST /login',
    repeats: true,
    status: 200,
    make: (person: LoggedIn, at = worker) => at.post('/login', person),
  },
  {
    name: 'POST /refresh-token',
    repeats: true,
    status: 200,
    make: ({ refresh_token }: LoggedIn, at = worker) => at.post('/refresh-token', { refresh_token }),
  },
  {
    name: 'POST /logout',
    repeats: true,
    status: 200,
    make: ({ refresh_token }: LoggedIn, at = worker) => at.post('/logout', { refresh_token }),
  },
  {
    name: 'GET /health/ready',
    repeats: true,
    status: 200,
    make: (_: LoggedIn, at = worker) => at.get('/health/ready'),
  },
  {
    name: 'POST /users/:id/logout',
    repeats: false,
    status: 200,
    make: ({ id, token }: LoggedIn, at = worker) => at.call('POST', `/users/${id}/logout`, undefined, token),
  },
]

/** The owner's calls that read before they write: the read may be tried twice, the write may not. */
const writes = [
  {
    name: 'PATCH /users/:id',
    make: ({ id, token }: LoggedIn, at = worker) => at.call('PATCH', `/users/${id}`, { firstname: 'A' }, token),
  },
  {
    name: 'PUT /users/:id/password',
    make: ({ id, token, password }: LoggedIn, at = worker) =>
      at.call('PUT', `/users/${id}/password`, { current_password: password, new_password: 'another horse' }, token),
  },
  {
    name: 'DELETE /users/:id',
    make: ({ id, token, password }: LoggedIn, at = worker) => at.call('DELETE', `/users/${id}`, { password }, token),
  },
]

/** The first statements fail as listed, the others pass. */
function failFirst(...faults: (Fault | null)[]) {
  const left = [...faults]
  choose = () => left.shift() ?? null
}

describe.each(everyFault)('%s, for ever', (fault) => {
  test('is 503 for every call, and none waits for ever [V15.2.2] [V16.5.1] [V16.5.2]', async () => {
    const people = await Promise.all([...calls, ...writes].map(() => logInPerson(worker)))
    choose = () => fault
    const answers = await Promise.all(
      [...calls, ...writes].map(({ make }, index) => make(people[index] as LoggedIn, hurried)),
    )
    expect(answers.map(({ json }) => json)).toEqual(answers.map(() => unavailable))
  })
})

test('a store that refuses connections is 503 for every call [V16.5.2]', async () => {
  const refused = new URL(local.url)
  refused.port = String(await findFreePort())
  const lonely = await startWorker(refused.href, '60')
  for (const path of ['/users', '/health/ready']) expect((await lonely.get(path)).json).toEqual(unavailable)
  expect((await lonely.post('/register', newPerson())).json).toEqual(unavailable)
  expect((await lonely.post('/login', newPerson())).json).toEqual(unavailable)
  lonely.process.kill()
})

describe.each([
  'reset before the statement',
  'reset after the statement',
  'half an answer',
  'status 429',
  'status 502',
  'status 503',
] as const)('%s, once', (fault) => {
  test.each(calls)('is unseen by $name where it may be repeated [V16.5.2]', async ({ repeats, status, make }) => {
    const person = await logInPerson(worker)
    failFirst(fault)
    const answer = await make(person)
    expect(answer.status).toBe(repeats ? status : 503)
  })

  test.each(writes)(
    'is 503 for $name when it hits the write, which is never repeated [V2.3.3] [V16.5.2]',
    async ({ make }) => {
      const person = await logInPerson(worker)
      failFirst(null, fault)
      expect((await make(person)).json).toEqual(unavailable)
      const again = await logInPerson(worker)
      failFirst(fault)
      expect((await make(again)).status).toBe(200)
    },
  )
})

test('after a storm of registrations every 201 that a client saw is in the table exactly once [V2.3.3]', async () => {
  const storm: (Fault | null)[] = [
    'reset before the statement',
    'reset after the statement',
    'half an answer',
    'status 502',
    'status 429',
    null,
    null,
    null,
  ]
  choose = () => storm[Math.floor(Math.random() * storm.length)] ?? null
  const people = Array.from({ length: Number(process.env.STORM ?? 300) }, newPerson)
  const outcomes: ({ username: string } & Answer)[] = []
  const left = people.values()
  // 50 clients at once make one call after the other.
  const clients = Array.from({ length: 50 }, async () => {
    for (const person of left) outcomes.push({ username: person.username, ...(await worker.post('/register', person)) })
  })
  await Promise.all(clients)
  choose = () => null
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([201, 503]))
  const { rows } = await runOn(local.url, 'SELECT username, id FROM users')
  const idsByName = Map.groupBy(rows, ({ username }) => username)
  for (const { username, status, json } of outcomes) {
    const ids = (idsByName.get(username) ?? []).map(({ id }) => id)
    if (status === 201) expect(ids).toEqual([json.resourceId])
    expect(ids.length).toBeLessThanOrEqual(1)
  }
})
