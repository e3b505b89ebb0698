import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { get, post } from '../support/client.ts'
import { type Algorithm, newKey, newSecret, setOf, toEntry, toPublic } from '../support/keys.ts'
import { logInPerson } from '../support/people.ts'
import { decode } from '../support/tokens.ts'

type Settings = Record<string, string>

const verify = async (access_token: string, settings: Settings) =>
  (await post('/verify-token', { access_token }, { settings })).status
const refresh = (refresh_token: string, settings: Settings) => post('/refresh-token', { refresh_token }, { settings })
const kidOf = (token: string) => decode(token).header.kid

async function publishedKids(settings: Settings): Promise<unknown[]> {
  const { json } = await get('/.well-known/jwks.json', { settings })
  return json.keys.map(({ kid }: JWK) => kid)
}

/** The settings before, and after each of the three deploys. */
function deploysOf(name: string, [plain, old]: [string, JWK], next: JWK): [Settings, Settings, Settings, Settings] {
  const publicOnly = (jwk: JWK) => (jwk.kty === 'oct' ? jwk : toPublic(jwk))
  return [
    { [name]: plain },
    { [name]: setOf(old, publicOnly(next)) },
    { [name]: setOf(next, old) },
    { [name]: setOf(next) },
  ]
}

async function oldKey(alg: Algorithm | 'plain', kid: string): Promise<[string, JWK & { kid: string }]> {
  const secret = newSecret()
  if (alg === 'plain') return [secret, toEntry(secret, kid)]
  const key = await newKey(alg)
  return [JSON.stringify(key), key]
}

describe.each<{ from: Algorithm | 'plain'; to: Algorithm }>([
  { from: 'plain', to: 'ES256' },
  { from: 'plain', to: 'HS256' },
  { from: 'ES256', to: 'EdDSA' },
  { from: 'EdDSA', to: 'ES256' },
  { from: 'EdDSA', to: 'HS256' },
])('[V11.2.2] access tokens, from $from to $to', ({ from, to }) => {
  test('stay good through three deploys until they expire', async () => {
    const [[plain, old], next] = [await oldKey(from, 'signin_1'), await newKey(to)]
    const [before, second, first, alone] = deploysOf('ACCESS_TOKEN_KEY', [plain, old], next)
    const published = { old: old.kty === 'oct' ? [] : [old.kid], next: next.kty === 'oct' ? [] : [next.kid] }
    const issued: string[] = []

    for (const settings of [before, second, first]) {
      issued.push((await logInPerson(settings)).accessToken)
      for (const token of issued) expect(await verify(token, settings)).toBe(200)
    }
    expect(issued.map(kidOf)).toEqual([old.kid, old.kid, next.kid])
    const [earliest = '', middle = '', latest = ''] = issued
    // While a deploy spreads, some isolates still have the one before.
    expect(await verify(latest, second)).toBe(200)
    expect(await Promise.all([before, second, first, alone].map(publishedKids))).toEqual([
      published.old,
      [...published.old, ...published.next],
      [...published.next, ...published.old],
      published.next,
    ])

    expect(await verify(earliest, alone)).toBe(401)
    expect(await verify(middle, alone)).toBe(401)
    expect(await verify(latest, alone)).toBe(200)
  })

  test('are refused where the key that signed them is not known yet', async () => {
    const [[plain, old], next] = [await oldKey(from, 'signin_1'), await newKey(to)]
    const [before, , first] = deploysOf('ACCESS_TOKEN_KEY', [plain, old], next)
    expect(await verify((await logInPerson(first)).accessToken, before)).toBe(401)
  })
})

describe.each(['off', 'on'])('[V11.2.2] refresh tokens, with rotation %s', (REFRESH_ROTATION) => {
  test.each(['plain', 'HS256'] as const)('keep sessions alive through three deploys, from %s', async (from) => {
    const [old, next] = [await oldKey(from, 'signin_2'), await newKey('HS256')]
    const deploys = deploysOf('REFRESH_TOKEN_KEY', old, next).map((settings) => ({ ...settings, REFRESH_ROTATION }))
    const [before = {}, second = {}, first = {}, alone = {}] = deploys
    const { refreshToken } = await logInPerson(before)
    let token = refreshToken
    for (const settings of [second, first]) {
      const { status, json } = await refresh(token, settings)
      expect(status).toBe(200)
      token = json.refresh_token
    }
    const [late, other] = [await refresh(token, alone), await logInPerson(before)]
    expect([late.status, kidOf(token)]).toEqual(REFRESH_ROTATION === 'on' ? [200, next.kid] : [401, old[1].kid])
    expect((await refresh(other.refreshToken, alone)).status).toBe(401)
  })
})
