/** Clients that go away in the middle of a call, on bare workerd, because `wrangler dev` never drops one. */
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type Container, describeService, startContainer } from '../support/process/container.ts'
import { waitUntil } from '../support/process/dev-server.ts'
import { startFaultyProxy } from '../support/process/faulty-proxy.ts'
import { type LoggedIn, logInPerson, newPerson } from '../support/process/people.ts'

let local: LocalDatabase
let proxy: Awaited<ReturnType<typeof startFaultyProxy>>
let worker: Container
/** Called for each statement, which waits for what it returns. */
let hold: () => Promise<void> | undefined = () => undefined

beforeAll(async () => {
  local = await startLocalDatabase()
  proxy = await startFaultyProxy(local.url, async () => {
    await hold()
    return null
  })
  worker = await startContainer(inject('app'), describeService(proxy.url, { REFRESH_ROTATION: 'on' }))
})

afterAll(async () => {
  worker.process.kill()
  await proxy.close()
  await local.close()
})

beforeEach(() => {
  hold = () => undefined
})

/** Sends the head of a request and a part of its body; returns the connection and the request's id. */
function send(method: string, path: string, { head = [], body = '' }: { head?: string[]; body?: string }) {
  const id = randomUUID()
  const socket = connect(worker.port, '127.0.0.1').on('error', () => {})
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: x',
    'Content-Type: application/json',
    `X-Request-Id: ${id}`,
    ...head,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  return { id, socket }
}

/** Returns the log's lines about a request. */
const linesAbout = (id: string) =>
  worker
    .output()
    .split('\n')
    .filter((line) => line.includes(id))
    .map((line) => JSON.parse(line))

const calls: { name: string; event?: string; statements: number; make(person: LoggedIn): [string, string, object?] }[] =
  [
    { name: 'POST /register', statements: 1, make: () => ['POST', '/register', newPerson()] },
    { name: 'POST /login', statements: 1, make: (person) => ['POST', '/login', person] },
    {
      name: 'POST /refresh-token',
      statements: 1,
      make: ({ refresh_token }) => ['POST', '/refresh-token', { refresh_token }],
    },
    {
      name: 'POST /logout',
      event: 'session_ended',
      statements: 1,
      make: ({ refresh_token }) => ['POST', '/logout', { refresh_token }],
    },
    {
      name: 'PATCH /users/:id',
      event: 'email_changed',
      statements: 2,
      make: ({ id, email, password }) => ['PATCH', `/users/${id}`, { email: `x${email}`, current_password: password }],
    },
    {
      name: 'PUT /users/:id/password',
      event: 'password_changed',
      statements: 2,
      make: ({ id, password }) => [
        'PUT',
        `/users/${id}/password`,
        { current_password: password, new_password: 'another horse' },
      ],
    },
    {
      name: 'POST /users/:id/logout',
      event: 'all_sessions_ended',
      statements: 1,
      make: ({ id }) => ['POST', `/users/${id}/logout`],
    },
    {
      name: 'DELETE /users/:id',
      event: 'user_deleted',
      statements: 2,
      make: ({ id, password }) => ['DELETE', `/users/${id}`, { password }],
    },
  ]

describe.each(['resets', 'closes'] as const)('a client that %s its connection while its last statement runs', (how) => {
  test.each(calls)(
    '$name is finished and logged in spite of that [V16.2.1] [V16.3.3]',
    async ({ make, event, statements }) => {
      const person = await logInPerson(worker)
      const [method, path, body] = make(person)
      const text = body ? JSON.stringify(body) : ''
      const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let left = statements
      hold = () => {
        if (--left > 0) return undefined
        arrived.resolve()
        return released.promise
      }
      const head = [`Authorization: Bearer ${person.token}`, `Content-Length: ${Buffer.byteLength(text)}`]
      const { id, socket } = send(method, path, { head, body: text })
      await arrived.promise
      leave(socket, how)
      // Once workerd has answered another request, it knows that the client is gone.
      expect((await worker.get('/health')).status).toBe(200)
      released.resolve()
      await waitUntil(() => linesAbout(id).some((line) => line.event === 'request'), worker.output)
      const lines = linesAbout(id)
      expect(lines.at(-1)).toMatchObject({ event: 'request', outcome: 'ok' })
      expect(lines.slice(0, -1).map((line) => line.event)).toEqual(event ? [event] : [])
    },
  )
})

describe.each(['resets', 'closes', 'half closes'] as const)('a client that %s its connection while it sends', (how) => {
  test.each([
    ['a body of declared length', ['Content-Length: 100'], '{"username":'],
    ['a body in chunks', ['Transfer-Encoding: chunked'], 'c\r\n{"username":\r\n'],
    ['half a chunk', ['Transfer-Encoding: chunked'], 'ff\r\n{"username":'],
    ['nothing of a declared body', ['Content-Length: 100'], ''],
  ])('%s makes no failure of ours [V16.5.2]', async (_, head, body) => {
    const { id, socket } = send('POST', '/login', { head, body })
    let answer = ''
    socket.on('data', (data) => (answer += data))
    // Once workerd has answered another request, it has the head of this one.
    expect((await worker.get('/health')).status).toBe(200)
    leave(socket, how)
    if (how === 'half closes') await new Promise((resolve) => socket.once('close', resolve))
    expect((await worker.get('/health')).status).toBe(200)
    expect(answer).toMatch(how === 'half closes' ? /^HTTP\/1\.1 400|^$/ : /^$/)
    expect(linesAbout(id).filter((line) => line.event !== 'request' || line.status !== 400)).toEqual([])
    expect(worker.output()).not.toContain('"event":"failure"')
  })
})

function leave(socket: Socket, how: 'resets' | 'closes' | 'half closes'): void {
  if (how === 'resets') socket.resetAndDestroy()
  else if (how === 'closes') socket.destroy()
  else socket.end()
}
