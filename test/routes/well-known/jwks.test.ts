import { createLocalJWKSet, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { get } from '../../support/client.ts'
import { newKey, setOf, toPublic } from '../../support/keys.ts'
import { logInPerson } from '../../support/people.ts'
import { decode } from '../../support/tokens.ts'

const read = (ACCESS_TOKEN_KEY?: string) =>
  get('/.well-known/jwks.json', ACCESS_TOKEN_KEY ? { settings: { ACCESS_TOKEN_KEY } } : {})

test.each(['ES256', 'EdDSA'] as const)(
  '[V11.2.2] succeeds with an %s key that verifies the tokens issued with it, and names it in them',
  async (alg) => {
    const key = await newKey(alg)
    const settings = { ACCESS_TOKEN_KEY: JSON.stringify(key) }
    const { id, username, accessToken } = await logInPerson(settings)
    const { json } = await read(settings.ACCESS_TOKEN_KEY)
    const { payload, protectedHeader } = await jwtVerify(accessToken, createLocalJWKSet(json))
    expect(payload).toMatchObject({ sub: id, Username: username })
    expect(protectedHeader).toEqual({ alg, kid: key.kid, typ: 'JWT' })
  },
)

test('succeeds with refresh tokens as in the contract, with any key for access tokens', async () => {
  const settings = { ACCESS_TOKEN_KEY: JSON.stringify(await newKey('EdDSA')) }
  const { refreshToken } = await logInPerson(settings)
  expect(decode(refreshToken).header).toEqual({ alg: 'HS256', kid: 'signin_2', typ: 'JWT' })
})

test('succeeds with an empty list where the key is a shared secret', async () => {
  for (const key of [undefined, JSON.stringify(await newKey('HS256'))]) {
    const { status, text } = await read(key)
    expect([status, text]).toEqual([200, '{"keys":[]}'])
  }
})

test('succeeds with every public key of a set, in its order', async () => {
  const [hs, es, ed] = [await newKey('HS256'), await newKey('ES256'), await newKey('EdDSA')]
  const { json } = await read(setOf(ed, hs, es))
  expect(json.keys.map((key: { kid: string }) => key.kid)).toEqual([ed.kid, es.kid])
})

test.each([
  ['application/jwk-set+json', 'application/jwk-set+json'],
  ['APPLICATION/JWK-SET+JSON', 'application/jwk-set+json'],
  ['text/html, application/jwk-set+json;q=0.9, */*;q=0.1', 'application/jwk-set+json'],
  ['application/json;q=0.5, application/jwk-set+json', 'application/jwk-set+json'],
  // As jose asks.
  ['application/json, application/jwk-set+json', 'application/json'],
  ['application/jwk-set+json;q=0', 'application/json'],
  ['application/*', 'application/json'],
  ['*/*', 'application/json'],
  ['text/html', 'application/json'],
  [',;=', 'application/json'],
  ['', 'application/json'],
])('succeeds for Accept: %s with the type %s (RFC 7517, section 8.5.1)', async (Accept, type) => {
  for (const origin of [{}, { Origin: 'https://shop.example' }]) {
    const headers = { Accept, ...origin }
    const answer = await get('/.well-known/jwks.json', { headers, settings: { CORS_ORIGINS: 'https://shop.example' } })
    expect([answer.status, answer.text]).toEqual([200, '{"keys":[]}'])
    expect(answer.headers.get('Content-Type')).toBe(type)
    expect(answer.headers.get('Vary')?.split(', ').sort()).toEqual(['Accept', 'Origin'])
  }
})

test('may be kept by caches and read by pages', async () => {
  const { headers } = await get('/.well-known/jwks.json', { headers: { Origin: 'https://shop.example' } })
  expect(headers.get('Cache-Control')).toBe('public, max-age=300')
  expect(headers.get('Content-Type')).toBe('application/json')
  expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
})

test('protects private members, in later keys too, and publishes no member that it does not know', async () => {
  const [es, laterEs] = [await newKey('ES256'), await newKey('ES256')]
  const [ed, laterEd, hs] = [await newKey('EdDSA'), await newKey('EdDSA'), await newKey('HS256')]
  const extra = {
    x5c: ['canary'],
    x5u: 'https://canary.example',
    ext: true,
    key_ops: ['sign'],
    foo: 'canary',
    k: 'canary',
  }
  const { text, json } = await read(setOf({ ...es, ...extra }, hs, { ...laterEd, ...extra }, laterEs, toPublic(ed)))
  expect(json).toEqual({
    keys: [es, laterEd, laterEs, ed].map(({ kty, kid, alg, crv, x, y }) => ({
      ...{ kty, kid, use: 'sig', alg, crv, x },
      ...(kty === 'EC' ? { y } : {}),
    })),
  })
  for (const secret of ['canary', hs.kid, hs.k, es.d, laterEd.d, laterEs.d]) expect(text).not.toContain(secret)
})

test('protects the keys of refresh tokens: none is ever published', async () => {
  const refresh = await newKey('HS256')
  const settings = {
    ACCESS_TOKEN_KEY: JSON.stringify(await newKey('ES256')),
    REFRESH_TOKEN_KEY: JSON.stringify(refresh),
  }
  const { json, text } = await get('/.well-known/jwks.json', { settings })
  expect(json.keys).toHaveLength(1)
  expect(text).not.toContain(refresh.kid)
})
