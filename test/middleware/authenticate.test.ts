import { describe, expect, test, vi } from 'vitest'
import { call, get } from '../support/client.ts'
import { logInPerson, registerPerson } from '../support/people.ts'
import { decode, forge, secrets } from '../support/tokens.ts'

const refusal = '{"message":"Invalid Key. User Not Authorized","status":401}'

/** Each call that only the owner may make, with a body that is right in form. */
const ownersCalls = [
  { method: 'PATCH', path: '', body: { firstname: 'New' } },
  { method: 'PUT', path: '/password', body: { current_password: 'a', new_password: 'correct horse 2' } },
  { method: 'POST', path: '/logout', body: undefined },
  { method: 'DELETE', path: '', body: { password: 'a' } },
]

describe.each(ownersCalls)('$method /users/:id$path', ({ method, path, body }) => {
  const make = (id: string, options: Parameters<typeof call>[3]) => call(method, `/users/${id}${path}`, body, options)

  test('rejects a call without credentials, and says what kind is wanted', async () => {
    const { id } = await registerPerson()
    const { status, text, headers } = await make(id, {})
    expect([status, text, headers.get('WWW-Authenticate')]).toEqual([401, refusal, 'Bearer'])
  })

  test('rejects bad credentials before any statement [V8.3.1] [V9.2.2]', async () => {
    const { id, accessToken, refreshToken } = await logInPerson()
    const { header, claims } = decode(accessToken)
    const expired = await forge(header, { ...claims, iat: 1, exp: 301 }, secrets.access)
    const fetch = vi.spyOn(globalThis, 'fetch')
    for (const authorization of [
      'Bearer',
      'Bearer a.b.c',
      `Bearer ${refreshToken}`,
      `Bearer ${expired}`,
      `Basic ${accessToken}`,
      accessToken,
      `Bearer ${accessToken} x`,
      `Bearer ${accessToken}, Bearer ${accessToken}`,
    ]) {
      const { status, text, headers } = await make(id, { headers: { Authorization: authorization } })
      expect([status, text]).toEqual([401, refusal])
      expect(headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"')
    }
    expect(fetch).not.toHaveBeenCalled()
  })

  test('rejects another user, one that exists or not, before any statement [V8.2.2] [V8.3.1] [V2.2.3]', async () => {
    const [{ accessToken }, other] = [await logInPerson(), await registerPerson()]
    const fetch = vi.spyOn(globalThis, 'fetch')
    for (const id of [other.id, '000000000000000000000000', 'nobody']) {
      const { status, text, headers } = await make(id, { token: accessToken })
      expect([status, text]).toEqual([403, '{"message":"Forbidden","status":403}'])
      expect(headers.get('WWW-Authenticate')).toBe('Bearer error="insufficient_scope"')
    }
    expect(fetch).not.toHaveBeenCalled()
  })

  test('never takes a token from the query or a cookie [V14.2.1] [V3.5.1]', async () => {
    const { id, accessToken } = await logInPerson()
    const withQuery = await call(method, `/users/${id}${path}?access_token=${accessToken}`, body, {
      headers: { Cookie: `access_token=${accessToken}` },
    })
    expect(withQuery.status).toBe(401)
  })
})

describe('USERS_ACCESS', () => {
  test('public: anybody reads, whatever they bear', async () => {
    const { id } = await registerPerson()
    expect((await get(`/users/${id}`, { token: 'a.b.c' })).status).toBe(200)
    expect((await get('/users')).status).toBe(200)
  })

  test('authenticated: the bearer of any access token reads [V8.2.1]', async () => {
    const settings = { USERS_ACCESS: 'authenticated' }
    const [{ accessToken, refreshToken }, other] = [await logInPerson(), await registerPerson()]
    for (const path of ['/users', `/users/${other.id}`]) {
      expect((await get(path, { settings, token: accessToken })).status).toBe(200)
      expect((await get(path, { settings, token: refreshToken })).status).toBe(401)
      const { status, headers } = await get(path, { settings })
      expect([status, headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer'])
    }
    expect((await get('/users/nobody', { settings, token: accessToken })).status).toBe(404)
  })

  test('owner: each reads one record and no list, and is refused before any statement [V8.2.1] [V8.2.2]', async () => {
    const settings = { USERS_ACCESS: 'owner' }
    const [{ id, username, accessToken }, other] = [await logInPerson(), await registerPerson()]
    expect((await get(`/users/${id}`, { settings, token: accessToken })).json.data.username).toBe(username)
    expect((await call('HEAD', '/users', undefined, { settings })).status).toBe(401)
    const fetch = vi.spyOn(globalThis, 'fetch')
    for (const path of ['/users', `/users/${other.id}`, '/users/nobody']) {
      expect((await get(path, { settings, token: accessToken })).status).toBe(403)
      expect((await get(path, { settings })).status).toBe(401)
    }
    expect(fetch).not.toHaveBeenCalled()
  })
})
