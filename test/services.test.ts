/** What an isolate does once and no request does again, counted. */
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { prepareIsolate } from '../src/services.ts'
import { type CallOptions, call } from './support/client.ts'
import { logInPerson } from './support/people.ts'

/** Counts what is expensive and can be had once, while `work` is done. */
async function count(work: () => Promise<unknown>, body: string) {
  const counts = { keys: 0, schemas: 0, patterns: 0, readings: 0, statements: 0 }
  const { importKey } = crypto.subtle
  vi.spyOn(crypto.subtle, 'importKey').mockImplementation((...given: unknown[]) => {
    // A password is a key of its own, and new each time.
    if (given[2] !== 'PBKDF2') counts.keys++
    return Reflect.apply(importKey, crypto.subtle, given)
  })
  const { defineProperty } = Object
  vi.spyOn(Object, 'defineProperty').mockImplementation((target, name, descriptor) => {
    // The mark of a zod schema.
    if (name === '_zod') counts.schemas++
    return defineProperty(target, name, descriptor)
  })
  const { parse } = JSON
  vi.spyOn(JSON, 'parse').mockImplementation((text, reviver) => {
    if (text === body) counts.readings++
    return parse(text, reviver)
  })
  const { fetch } = globalThis
  vi.spyOn(globalThis, 'fetch').mockImplementation((...given) => {
    counts.statements++
    return fetch(...given)
  })
  const construct = (target: RegExpConstructor, given: unknown[]) => {
    counts.patterns++
    return Reflect.construct(target, given)
  }
  vi.stubGlobal('RegExp', new Proxy(RegExp, { construct, apply: (target, _, given) => construct(target, given) }))
  try {
    await work()
    return counts
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  }
}

const person = await logInPerson()
const { username, password, id } = person

const calls = [
  { method: 'POST', path: '/verify-token', body: { access_token: person.accessToken }, statements: 0 },
  { method: 'POST', path: '/login', body: { username, password }, statements: 1 },
  { method: 'POST', path: '/refresh-token', body: { refresh_token: person.refreshToken }, statements: 1 },
  { method: 'GET', path: `/users/${id}`, statements: 1 },
  { method: 'GET', path: '/users?limit=2', statements: 1 },
  { method: 'PATCH', path: `/users/${id}`, body: { firstname: 'Janet' }, token: person.accessToken, statements: 2 },
]

describe.each(calls)('$method $path', ({ method, path, body, statements, token }) => {
  const text = JSON.stringify(body) ?? ''

  function countCall(settings: CallOptions['settings']) {
    const options = { ...(settings && { settings }), ...(token && { token }) }
    return count(async () => {
      const { status } = await call(method, path, body, options)
      expect(status).toBe(200)
    }, text)
  }

  test('imports keys with the first request of an isolate alone', async () => {
    // To sign and to verify, for each kind of token.
    expect(await countCall({})).toMatchObject({ keys: 4 })
  })

  test('afterwards imports no key, makes no schema and no pattern, and reads the body once', async () => {
    await countCall(undefined)
    expect(await countCall(undefined)).toEqual({
      ...{ keys: 0, schemas: 0, patterns: 0, statements },
      readings: body === undefined ? 0 : 1,
    })
  })
})

test('an isolate has one client of the store, and one of everything else', async () => {
  const [first, second] = [await prepareIsolate(env), await prepareIsolate(env)]
  expect(second).toBe(first)
  expect(await prepareIsolate({ ...env })).not.toBe(first)
})
