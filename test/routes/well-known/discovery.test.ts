import { expect, test } from 'vitest'
import { get } from '../../support/client.ts'
import { newKey, setOf, toPublic } from '../../support/keys.ts'

const paths = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']
const issuer = 'https://users.example'

const read = (path: string, settings: Record<string, string>) => get(path, { settings })

const withKey = async (TOKEN_ISSUER: string) => ({ TOKEN_ISSUER, ACCESS_TOKEN_KEY: setOf(await newKey('ES256')) })

test.each(paths)('%s succeeds with what is true of this service, and nothing of the request [V1.3.6]', async (path) => {
  const { status, json, headers } = await read(path, await withKey(issuer))
  expect([status, json]).toEqual([
    200,
    {
      issuer,
      jwks_uri: 'https://users.example/.well-known/jwks.json',
      response_types_supported: [],
      grant_types_supported: [],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    },
  ])
  expect(headers.get('Content-Type')).toBe('application/json')
  expect(headers.get('Cache-Control')).toBe('public, max-age=300')
})

test('succeeds with the algorithm of every published key, each once: a key that only verifies is among them', async () => {
  const [hs, es, another, ed] = [
    await newKey('HS256'),
    await newKey('ES256'),
    await newKey('ES256'),
    await newKey('EdDSA'),
  ]
  const settings = { TOKEN_ISSUER: issuer, ACCESS_TOKEN_KEY: setOf(ed, hs, es, toPublic(another)) }
  for (const path of paths) {
    const { json } = await read(path, settings)
    expect(json.id_token_signing_alg_values_supported).toEqual(['EdDSA', 'ES256'])
  }
})

test.each([
  ['https://users.example/', 'https://users.example/.well-known/jwks.json'],
  ['https://shop.example/users', 'https://shop.example/users/.well-known/jwks.json'],
  ['https://shop.example/users/', 'https://shop.example/users/.well-known/jwks.json'],
  ['https://users.example:8443', 'https://users.example:8443/.well-known/jwks.json'],
  ['HTTPS://Users.example', 'HTTPS://Users.example/.well-known/jwks.json'],
])('succeeds with the issuer %s as tokens have it, and the keys behind it', async (TOKEN_ISSUER, jwks_uri) => {
  for (const path of paths) {
    expect((await read(path, await withKey(TOKEN_ISSUER))).json).toMatchObject({ issuer: TOKEN_ISSUER, jwks_uri })
  }
})

test.each([
  '',
  'acme',
  'users.example',
  'http://users.example',
  'ftp://users.example',
  'https:users.example',
  'https://',
  'https://users.example?tenant=1',
  'https://users.example/?',
  'https://users.example#a',
  'https://user:password@users.example',
  'https://users.example/a b',
  'https:\\\\users.example',
  'javascript:https://users.example',
])('is not found with the issuer %j, which leads to no keys', async (TOKEN_ISSUER) => {
  const settings = await withKey(TOKEN_ISSUER)
  for (const path of paths) {
    const { status, text } = await read(path, settings)
    expect([status, text]).toEqual([404, '{"message":"Not found","status":404}'])
  }
})

test('is not found while a shared secret signs, also where a public key verifies beside it', async () => {
  const secrets = [await newKey('HS256'), toPublic(await newKey('ES256'))]
  for (const settings of [
    { TOKEN_ISSUER: issuer },
    { TOKEN_ISSUER: issuer, ACCESS_TOKEN_KEY: setOf(...secrets.slice(0, 1)) },
    { TOKEN_ISSUER: issuer, ACCESS_TOKEN_KEY: setOf(...secrets) },
  ]) {
    for (const path of paths) expect((await read(path, settings)).status).toBe(404)
  }
})
