import { base64url } from 'jose'
import { describe, expect, test } from 'vitest'
import { toPrivateKey } from '../../support/attack.ts'
import { get, post } from '../../support/client.ts'
import { newKey } from '../../support/keys.ts'
import { logInPerson } from '../../support/people.ts'
import { decode, forge } from '../../support/tokens.ts'

/** Logs in where the keys of both kinds have the same id, and returns what each kind's key can sign. */
async function setUp(alg: 'HS256' | 'ES256' | 'EdDSA') {
  const [access, refresh] = [await newKey(alg, 'same'), await newKey('HS256', 'same')]
  const settings = { ACCESS_TOKEN_KEY: JSON.stringify(access), REFRESH_TOKEN_KEY: JSON.stringify(refresh) }
  const { accessToken, refreshToken } = await logInPerson(settings)
  const secret = base64url.decode(refresh.k ?? '')
  const accessKey = alg === 'HS256' ? base64url.decode(access.k ?? '') : await toPrivateKey(access)
  const header = { ...decode(refreshToken).header, alg: 'HS256' }
  const claims = { access: decode(accessToken).claims, refresh: decode(refreshToken).claims }
  return {
    ...{ settings, accessToken, refreshToken, claims },
    signAccess: (claims: object, change = {}) => forge({ ...header, alg, ...change }, { ...claims }, accessKey),
    signRefresh: (claims: object, change = {}) => forge({ ...header, ...change }, { ...claims }, secret),
    verify: async (access_token: string) => (await post('/verify-token', { access_token }, { settings })).status,
    refresh: async (refresh_token: string) => (await post('/refresh-token', { refresh_token }, { settings })).status,
    logOut: async (refresh_token: string) => (await post('/logout', { refresh_token }, { settings })).status,
    list: async (token: string) =>
      (await get('/users', { token, settings: { ...settings, USERS_ACCESS: 'authenticated' } })).status,
  }
}

describe.each(['HS256', 'ES256', 'EdDSA'] as const)(
  '[V9.2.2] [RFC 8725 2.8] [RFC 8725 3.12] with %s access keys and one key id for both kinds',
  (alg) => {
    test('succeeds with each token in its own place', async () => {
      const { accessToken, refreshToken, verify, refresh, list, logOut } = await setUp(alg)
      expect([await verify(accessToken), await list(accessToken)]).toEqual([200, 200])
      expect([await refresh(refreshToken), await logOut(refreshToken)]).toEqual([200, 200])
    })

    test('rejects each token in the place of the other', async () => {
      const { accessToken, refreshToken, verify, refresh, list, logOut } = await setUp(alg)
      expect([await verify(refreshToken), await list(refreshToken)]).toEqual([401, 401])
      expect([await refresh(accessToken), await logOut(accessToken)]).toEqual([401, 401])
      expect(await refresh(refreshToken)).toBe(200)
    })

    test('rejects the claims of both kinds at once, signed with the key of the other kind', async () => {
      const { claims, signAccess, signRefresh, verify, refresh, list, logOut } = await setUp(alg)
      const both = { ...claims.refresh, ...claims.access }
      const [byAccess, byRefresh] = [await signAccess(both), await signRefresh(both)]
      expect([await verify(byAccess), await refresh(byRefresh)]).toEqual([200, 200])
      expect([await verify(byRefresh), await list(byRefresh)]).toEqual([401, 401])
      expect([await refresh(byAccess), await logOut(byAccess)]).toEqual([401, 401])
    })

    test('rejects the claims of the other kind, signed with the right key', async () => {
      const { claims, signAccess, signRefresh, verify, refresh, logOut } = await setUp(alg)
      expect(await verify(await signAccess(claims.refresh))).toBe(401)
      const confused = await signRefresh(claims.access)
      expect([await refresh(confused), await logOut(confused)]).toEqual([401, 401])
    })
  },
)
