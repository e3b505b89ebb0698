import { exportJWK, exportSPKI, generateKeyPair, importJWK } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { importTokenKinds } from '../../src/auth/keys.ts'
import { ConfigError, loadConfig } from '../../src/config.ts'
import { get } from '../support/client.ts'
import { algorithms, newKey, newSecret, respell, setOf, toEntry, toPublic } from '../support/keys.ts'

type Setting = 'ACCESS_TOKEN_KEY' | 'REFRESH_TOKEN_KEY'
const load = (settings: Partial<Record<Setting, string>>) => {
  const database = { DATABASE_URL: 'postgres://user:password@db.example/shop' }
  return importTokenKinds(
    loadConfig({ ...database, ACCESS_TOKEN_KEY: newSecret(), REFRESH_TOKEN_KEY: newSecret(), ...settings }),
  )
}

/** By the name of the setting, without a word of the key. */
async function expectRefused(settings: Partial<Record<Setting, string>>, name: Setting, reason = '') {
  const error = await load(settings).catch((error) => error)
  expect(error).toBeInstanceOf(ConfigError)
  expect(error.message).toMatch(new RegExp(`^${name} .*${reason}`))
  for (const text of Object.values(settings)) {
    for (const [material] of text.matchAll(/[\w+/=-]{20,}/g)) expect(error.stack).not.toContain(material)
  }
}

const [hs, es, otherEs, ed, otherEd] = await Promise.all([
  newKey('HS256'),
  newKey('ES256'),
  newKey('ES256'),
  newKey('EdDSA'),
  newKey('EdDSA'),
])
const p384 = await exportJWK((await generateKeyPair('ES384', { extractable: true })).privateKey)
const rsa = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey)
const pem = await exportSPKI((await importJWK(toPublic(es), 'ES256')) as CryptoKey)
const flip = (text = '') => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)

describe.each(algorithms)('%s', (alg) => {
  test('succeeds as a JWK, alone and first in a set, with the key id and algorithm of the key', async () => {
    const key = await newKey(alg, 'winter')
    for (const text of [JSON.stringify(key), setOf(key), setOf(key, await newKey('HS256')), `\n ${setOf(key)}`]) {
      const { access } = await load({ ACCESS_TOKEN_KEY: text })
      expect(access.signing).toMatchObject({ kid: 'winter', alg })
      expect(access.verifying.get('winter')?.alg).toBe(alg)
    }
  })

  test('succeeds without `alg`, which follows from the type, and with members that mean nothing here', async () => {
    const { alg: _, ...key } = await newKey(alg, 'winter')
    const { access } = await load({ ACCESS_TOKEN_KEY: JSON.stringify({ ...key, use: 'sig', ext: true, foo: 1 }) })
    expect(access.signing).toMatchObject({ kid: 'winter', alg })
  })

  test('protects the imported keys: none can be read out again', async () => {
    const { access, refresh } = await load({ ACCESS_TOKEN_KEY: JSON.stringify(await newKey(alg)) })
    for (const { key } of [access.signing, ...access.verifying.values(), refresh.signing]) {
      expect(key.extractable).toBe(false)
    }
  })
})

test('succeeds with plain secrets under the key ids of the contract', async () => {
  const { access, refresh } = await load({})
  expect([access.signing, refresh.signing]).toMatchObject([
    { kid: 'signin_1', alg: 'HS256' },
    { kid: 'signin_2', alg: 'HS256' },
  ])
})

test('[V11.2.3] succeeds with a secret of 32 bytes, in characters of any length', async () => {
  expect((await load({ ACCESS_TOKEN_KEY: 'ü'.repeat(16) })).access.signing.alg).toBe('HS256')
})

test('succeeds with later keys of a set that are public only', async () => {
  const { access } = await load({ ACCESS_TOKEN_KEY: setOf(hs, toPublic(es), toPublic(ed)) })
  expect([...access.verifying.keys()]).toEqual([hs.kid, es.kid, ed.kid])
})

const form = 'must be a plain secret, a JWK or a JWK Set'
const parts = 'has a key whose parts do not belong together'
const algorithmsOf = (key: object, ...names: string[]) =>
  names.map((alg) => [`the algorithm "${alg}" of another type of key`, { ...key, alg }, 'keys.0.alg is wrong'] as const)

test.each<readonly [string, string | object, string]>([
  ['[RFC 8725 3.5] a secret of 31 bytes', 'x'.repeat(31), 'must have at least 32 bytes'],
  ['[RFC 8725 2.2] a secret that a dictionary has', 'secret', 'must have at least 32 bytes'],
  ['[RFC 8725 2.1] a public key in PEM', pem, form],
  ['a PEM after white space', `\n ${pem}`, form],
  ['a JSON array', [es], form],
  ['broken JSON', JSON.stringify(es).slice(0, -1), 'is not valid JSON'],
  ['an empty set', { keys: [] }, 'keys is wrong'],
  ['a set that is no list', { keys: es }, 'keys is wrong'],
  ['a set with something else in it', { keys: [es, 'canary-canary-canary'] }, 'keys.1 is wrong'],
  ['an empty object', {}, 'keys.0.kty is wrong'],
  ['a key without a type', { ...es, kty: undefined }, 'keys.0.kty is wrong'],
  ['[RFC 8725 3.2] RSA', { ...rsa, kid: 'a', alg: 'RS256' }, 'keys.0.kty is wrong'],
  ['an oct key of 31 bytes', toEntry(new Uint8Array(31), 'a'), 'keys.0.k is wrong'],
  ['an oct key in base64', { ...hs, k: '+/'.repeat(22) }, 'keys.0.k is wrong'],
  ['an oct key of an impossible length', { ...hs, k: 'A'.repeat(45) }, 'keys.0.k is wrong'],
  ['an oct key without k', { ...hs, k: undefined }, 'keys.0.k is wrong'],
  ['P-384', { ...p384, kid: 'a' }, 'keys.0.crv is wrong'],
  ['P-384 that calls itself P-256', { ...p384, kid: 'a', crv: 'P-256' }, 'keys.0.x is wrong'],
  ['secp256k1', { ...es, crv: 'secp256k1' }, 'keys.0.crv is wrong'],
  ['X25519', { ...ed, crv: 'X25519' }, 'keys.0.crv is wrong'],
  ...algorithmsOf(hs, 'HS384', 'ES256', 'EdDSA', 'none', ''),
  ...algorithmsOf(es, 'HS256', 'ES384', 'EdDSA', 'none'),
  ...algorithmsOf(ed, 'HS256', 'ES256', 'none'),
  ['a key for encryption', { ...es, use: 'enc' }, 'keys.0.use is wrong'],
  ['a later key for encryption', { keys: [hs, { ...toPublic(es), use: 'enc' }] }, 'keys.1.use is wrong'],
  ['a key without an id', { ...es, kid: undefined }, 'keys.0.kid is wrong'],
  ['an empty key id', { ...es, kid: '' }, 'keys.0.kid is wrong'],
  ['a key id that is a number', { ...es, kid: 1 }, 'keys.0.kid is wrong'],
  ['[RFC 8725 2.5] a point off the curve', { ...es, y: flip(es.y) }, parts],
  ['[RFC 8725 3.4] a later point off the curve', { keys: [hs, { ...toPublic(es), x: flip(es.x) }] }, parts],
  ['the private half of another EC key', { ...es, d: otherEs.d }, parts],
  ['the private half of another Ed25519 key', { ...ed, d: otherEd.d }, parts],
  ['an EC key with d of zero', { ...es, d: 'A'.repeat(43) }, parts],
  ['a first key that is public only', toPublic(es), 'must begin with a private key'],
  ['a set whose first key is public only', { keys: [toPublic(ed), es] }, 'must begin with a private key'],
  ['one key id twice', { keys: [es, { ...otherEs, kid: es.kid }] }, 'has a key id twice'],
  ['one EC key under two ids', { keys: [es, { ...toPublic(es), kid: 'b' }] }, 'has a key twice'],
  ['one Ed25519 key under two ids', { keys: [ed, { ...toPublic(ed), kid: 'b' }] }, 'has a key twice'],
  ['one oct key under two ids', { keys: [hs, { ...hs, kid: 'b' }] }, 'has a key twice'],
  ['one oct key in two spellings', { keys: [hs, { ...hs, kid: 'b', k: respell(hs.k ?? '') }] }, ''],
  ['one EC key in two spellings', { keys: [es, { ...toPublic(es), kid: 'b', x: respell(es.x ?? '') }] }, ''],
  ['one Ed25519 key in two spellings', { keys: [ed, { ...toPublic(ed), kid: 'b', x: respell(ed.x ?? '') }] }, ''],
])('[V11.6.1] rejects %s, by the name of the setting alone', async (_, key, reason) => {
  const text = typeof key === 'string' ? key : JSON.stringify(key)
  await expectRefused({ ACCESS_TOKEN_KEY: text }, 'ACCESS_TOKEN_KEY', reason)
})

test.each([
  ['an EC key', es],
  ['an Ed25519 key', ed],
])('rejects %s for refresh tokens, which nobody else verifies', async (_, key) => {
  await expectRefused({ REFRESH_TOKEN_KEY: JSON.stringify(key) }, 'REFRESH_TOKEN_KEY', 'HS256')
  await expectRefused({ REFRESH_TOKEN_KEY: setOf(hs, toPublic(key)) }, 'REFRESH_TOKEN_KEY', 'HS256')
})

test('[RFC 8725 2.8] rejects the same bytes in both settings, whatever form they take', async () => {
  const secret = newSecret()
  const [entry, renamed] = [toEntry(secret, 'a'), toEntry(secret, 'b')]
  for (const [access, refresh] of [
    [secret, secret],
    [secret, JSON.stringify(renamed)],
    [JSON.stringify(entry), secret],
    [JSON.stringify(entry), JSON.stringify(renamed)],
    [setOf(es, entry), setOf(hs, renamed)],
    [secret, JSON.stringify({ ...renamed, k: respell(renamed.k) })],
  ] as const) {
    await expectRefused({ ACCESS_TOKEN_KEY: access, REFRESH_TOKEN_KEY: refresh }, 'REFRESH_TOKEN_KEY', 'differ')
  }
})

test.each<Setting>(['ACCESS_TOKEN_KEY', 'REFRESH_TOKEN_KEY'])(
  'protects a bad %s: callers see a 500, the log names the setting and not the key',
  async (name) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    for (const key of [pem, JSON.stringify({ ...es, y: flip(es.y) }), setOf(hs, { ...hs, kid: 'b' })]) {
      const { status, text } = await get('/users', { settings: { [name]: key } })
      expect([status, text]).toEqual([500, '{"message":"Internal server error","status":500}'])
      expect(String(log.mock.lastCall)).toContain(`ConfigError: ${name} `)
      for (const [material] of key.matchAll(/[\w+/=-]{20,}/g)) expect(String(log.mock.calls)).not.toContain(material)
    }
  },
)
