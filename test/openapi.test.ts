/** Walks the OpenAPI document, and makes each operation answer in every way that it documents. */

import { type Schema, Validator } from '@cfworker/json-schema'
import { describe, expect, inject, test, vi } from 'vitest'
import document from '../public/openapi.json'
import { operations as described } from '../scripts/openapi/operations.ts'
import { app } from '../src/app.ts'
import { LIMIT_NAMES } from '../src/config.ts'
import { docs } from '../src/routes/docs.ts'
import { type CallOptions, call } from './support/client.ts'
import { newKey, setOf } from './support/keys.ts'
import { askReset, askVerification, changeEmail, openMail } from './support/mail.ts'
import { logInPerson, newPerson, registerPerson } from './support/people.ts'
import { changeRow } from './support/store.ts'

type Person = Awaited<ReturnType<typeof logInPerson>>

interface Call extends CallOptions {
  method: string
  path: string
  body?: unknown
}

interface Documented {
  operationId: string
  security: object[]
  requestBody?: { content: { 'application/json': { schema: Schema; example: unknown } } }
  responses: Record<string, DocumentedResponse>
}

interface DocumentedResponse {
  headers: Record<string, unknown>
  content: { 'application/json': { schema: Schema; example?: unknown; examples?: Record<string, { value: Refusal }> } }
}

interface Refusal {
  message: string
  status: number
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Documented>).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    ...operation,
  })),
)
type Operation = (typeof operations)[number]

/** With mail, every call can be made. */
const mail = openMail({ EMAIL_CHANGE: 'proof' })

/** A body that each operation takes from a person who is logged in. */
const bodies: Record<string, (person: Person) => object | Promise<object>> = {
  register: newPerson,
  login: ({ username, password }) => ({ username, password }),
  refreshToken: ({ refreshToken }) => ({ refresh_token: refreshToken }),
  verifyToken: ({ accessToken }) => ({ access_token: accessToken }),
  logout: ({ refreshToken }) => ({ refresh_token: refreshToken }),
  updateUser: ({ password }) => ({ email: newPerson().email, current_password: password }),
  changePassword: ({ password }) => ({ current_password: password, new_password: `another ${password}` }),
  deleteUser: ({ password }) => ({ password }),
  askReset: ({ email }) => ({ email }),
  resetPassword: async ({ email, password }) => ({
    token: await askReset(mail, email),
    new_password: `another ${password}`,
  }),
  verifyEmail: async (person) => ({ token: await askVerification(mail, person) }),
}

const discoverable = { TOKEN_ISSUER: 'https://users.example', ACCESS_TOKEN_KEY: setOf(await newKey('ES256')) }

/** Makes a call that succeeds. */
async function makeCall({ method, path, operationId, security }: Operation, person: Person): Promise<Call> {
  return {
    method,
    path: path.replace('{id}', person.id),
    ...(operationId in bodies && { body: await bodies[operationId]?.(person) }),
    ...(security.length > 0 && { token: person.accessToken }),
    settings: {
      ...mail.settings,
      USERS_ACCESS: 'authenticated',
      ...(operationId.startsWith('discover') && discoverable),
    },
  }
}

const never = { limit: async () => ({ success: false }) }
const always = { limit: async () => ({ success: true }) }
const noTries = Object.fromEntries(LIMIT_NAMES.map((name) => [name, never]))

/** The limits that each operation is said to have, by its id. */
const limitsById = new Map(
  Object.values(described).flatMap((methods) =>
    Object.values(methods).map(({ id, limits = [] }) => [id, limits] as const),
  ),
)

/** Turns that call into one that is refused, by the code of the refusal. */
const spoil: Record<string, (call: Call, person: Person, operation: Operation) => Call | Promise<Call>> = {
  method_not_allowed: (call) => ({ ...call, method: 'PURGE' }),
  unsupported_media_type: (call) => ({ ...call, headers: { 'Content-Type': 'text/plain' } }),
  body_too_large: (call) => ({ ...call, body: 'x'.repeat(17_000) }),
  invalid_json: (call) => ({ ...call, body: '{' }),
  validation_failed: (call, _, { requestBody }) =>
    requestBody ? { ...call, body: {} } : { ...call, path: `${call.path}?limit=0` },
  invalid_token: ({ token, body, ...call }) => {
    if (token) return { ...call, body }
    const names = Object.keys(Object(body))
    return { ...call, body: Object.fromEntries(names.map((name) => [name, 'no such token'])) }
  },
  forbidden: async (call) => ({
    ...call,
    token: (await logInPerson()).accessToken,
    settings: { ...call.settings, USERS_ACCESS: 'owner' },
  }),
  not_found: (call) => ({ ...call, settings: {} }),
  user_not_found: (call) => ({ ...call, path: '/users/nobody' }),
  invalid_credentials: (call) => ({ ...call, body: { username: 'nobody', password: 'none' } }),
  username_taken: (call, { username }) => ({ ...call, body: { ...newPerson(), username } }),
  email_taken: async (call, person, { operationId }) => {
    if (operationId === 'register') return { ...call, body: { ...newPerson(), email: person.email } }
    const { email } = newPerson()
    if (operationId === 'verifyEmail') await changeEmail(mail, person, email)
    const { username } = await registerPerson()
    await changeRow(username, { email })
    const body =
      operationId === 'verifyEmail' ? { token: mail.readProof(email) } : { email, current_password: person.password }
    return { ...call, body }
  },
  account_changed: (call, { username }) => {
    // While the password is checked, somebody else changes the account.
    const derive = crypto.subtle.deriveBits.bind(crypto.subtle)
    vi.spyOn(crypto.subtle, 'deriveBits').mockImplementationOnce(async (...given) => {
      await changeRow(username, { generation: 1 })
      return derive(...given)
    })
    return call
  },
  too_many_requests: (call) => ({
    ...call,
    settings: { ...call.settings, ...noTries },
    headers: { 'CF-Connecting-IP': '192.0.2.1' },
  }),
  internal_error: (call) => ({ ...call, settings: { ACCESS_TOKEN_KEY: '' } }),
  unavailable: (call) => ({ ...call, settings: { ...call.settings, DATABASE_URL: inject('brokenDatabaseUrl') } }),
}

/** Closes every object of a schema, so that it refuses members of an answer that the document does not know. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const members = Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, close(member)]))
  return 'properties' in schema ? { additionalProperties: false, ...members } : members
}

function validate(schema: Schema, value: unknown, components: unknown = document.components) {
  return new Validator({ ...schema, components } as Schema, '2020-12').validate(value).errors
}

test('every route of the app is documented, and nothing else', () => {
  const pages = docs.routes.map(({ path }) => path)
  const routes = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !pages.includes(path))
    .map(({ method, path }) => `${method} ${path}`)
  const documented = operations.map(({ name }) => name.replace(/\{(\w+)\}/, ':$1'))
  expect(documented.sort()).toEqual([...new Set(routes)].sort())
})

test('a 400 shows a failed validation first, because a mock server answers with the first example', () => {
  const first = operations.flatMap(({ name, responses }) => {
    const [code, another] = Object.keys(responses[400]?.content['application/json'].examples ?? {})
    return another === undefined ? [] : [{ name, code }]
  })
  expect(first.length).toBeGreaterThan(5)
  for (const { name, code } of first) expect(code, name).toBe('validation_failed')
})

describe.each(operations)('$name', (operation) => {
  const { requestBody, responses } = operation
  const [[success = '', successful] = []] = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  const refusals = Object.values(responses).flatMap((response) =>
    Object.entries(response.content['application/json'].examples ?? {}).map(([code, { value }]) => ({
      code,
      value,
      response,
    })),
  )

  async function expectDocumented(given: Call, status: number, { headers, content }: DocumentedResponse) {
    const { method, path, body, ...options } = given
    const answer = await call(method, path, body, options)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('Content-Type')).toMatch(/^application\/json/)
    expect(validate(content['application/json'].schema, answer.json, close(document.components))).toEqual([])
    for (const name of Object.keys(headers)) expect(answer.headers.get(name)).not.toBeNull()
    return answer
  }

  test('has examples that its schemas accept', () => {
    if (requestBody) {
      const { schema, example } = requestBody.content['application/json']
      expect(validate(schema, example)).toEqual([])
    }
    const { schema, example } = successful?.content['application/json'] ?? {}
    expect(example).toBeDefined()
    if (schema) expect(validate(schema, example)).toEqual([])
  })

  test('succeeds as documented', async () => {
    if (!successful) throw new Error('no success is documented')
    await expectDocumented(await makeCall(operation, await logInPerson()), Number(success), successful)
  })

  test('is counted by the limits that it is said to have, and by no other', async () => {
    const counting = await Promise.all(
      LIMIT_NAMES.map(async (limit) => {
        const limits = Object.fromEntries(LIMIT_NAMES.map((name) => [name, name === limit ? never : always]))
        const { method, path, body, settings, ...options } = await makeCall(operation, await logInPerson())
        const headers = { 'CF-Connecting-IP': '192.0.2.1' }
        const { status } = await call(method, path, body, { ...options, headers, settings: { ...settings, ...limits } })
        return status === 429 ? [limit] : []
      }),
    )
    expect(counting.flat()).toEqual(limitsById.get(operation.operationId))
  })

  test.each(refusals)('is refused as documented: $code', async ({ code, value, response }) => {
    const person = await logInPerson()
    const refused = await spoil[code]?.(await makeCall(operation, person), person, operation)
    if (!refused) throw new Error(`nothing here leads to ${code}`)
    const { json } = await expectDocumented(refused, value.status, response)
    expect(json.message).toBe(value.message)
    if (code === 'validation_failed') expect(json).toEqual(value)
  })
})
