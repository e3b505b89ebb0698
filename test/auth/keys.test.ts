import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair, importJWK } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { importTokenKinds } from '../../src/auth/keys.ts'
import { ConfigError, loadConfig } from '../../src/config.ts'
import { get } from '../support/client.ts'
import { algorithms, newKey, newSecret, respell, setOf, toEntry, toPublic } from '../support/keys.ts'

type Setting = 'ACCESS_TOKEN_KEY' | 'REFRESH_TOKEN_KEY'
const load = async (settings: Partial<Record<Setting, string>>) => {
  const database = { DATABASE_URL: 'postgres://user:password@localhost/shop' }
  return importTokenKinds(
    loadConfig({ ...database, ACCESS_TOKEN_KEY: newSecret(), REFRESH_TOKEN_KEY: newSecret(), ...settings }),
  )
}

/** Expects a refusal that names the setting and holds nothing of the key. */
async function expectRefused(settings: Partial<Record<Setting, string>>, name: Setting, reason: string) {
  const error = await load(settings).catch((error) => error)
  expect(error).toBeInstanceOf(ConfigError)
  expect(error.message).toMatch(new RegExp(`^${name}:? `))
  expect(error.message).toContain(reason)
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

  test('succeeds without `alg`, which follows from the type, and with unknown members', async () => {
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
  expect((await load({ ACCESS_TOKEN_KEY: 'äöüßéèêñåøçłžščďř'.slice(0, 16) })).access.signing.alg).toBe('HS256')
})

describe('keys of other tools', () => {
  test('without an id have their thumbprint for one (RFC 7638)', async () => {
    for (const { kid: _, ...key } of [hs, es, ed]) {
      const { access, publicKeys } = await load({ ACCESS_TOKEN_KEY: JSON.stringify(key) })
      expect(access.signing.kid).toBe(await calculateJwkThumbprint(key))
      for (const { kid } of publicKeys) expect(kid).toBe(access.signing.kid)
    }
  })

  test('named Ed25519 sign and are published as EdDSA (RFC 9864)', async () => {
    const { access, publicKeys } = await load({ ACCESS_TOKEN_KEY: JSON.stringify({ ...ed, alg: 'Ed25519' }) })
    expect(access.signing.alg).toBe('EdDSA')
    expect(publicKeys).toMatchObject([{ alg: 'EdDSA' }])
  })

  test('may stand before or behind their own public half', async () => {
    for (const key of [es, ed]) {
      const { kid: _, ...nameless } = key
      for (const keys of [
        [key, toPublic(key)],
        [toPublic(key), key],
        [nameless, toPublic(nameless)],
      ]) {
        const { access, publicKeys } = await load({ ACCESS_TOKEN_KEY: setOf(...keys, hs) })
        expect([access.verifying.size, publicKeys.length]).toEqual([2, 1])
      }
    }
  })

  test('may name their use', async () => {
    for (const key_ops of [['sign'], ['sign', 'verify'], ['verify']]) {
      expect((await load({ ACCESS_TOKEN_KEY: JSON.stringify({ ...es, key_ops }) })).access.signing.kid).toBe(es.kid)
    }
  })
})

test('succeeds with later keys of a set that are public only', async () => {
  const { access } = await load({ ACCESS_TOKEN_KEY: setOf(hs, toPublic(es), toPublic(ed)) })
  expect([...access.verifying.keys()]).toEqual([hs.kid, es.kid, ed.kid])
})

const parts = 'has a key whose parts do not belong together'
const taken = 'taken are HS256 (a secret), ES256 (P-256) and EdDSA (Ed25519)'
const algorithmsOf = (key: object, right: string, ...names: string[]) =>
  names.map(
    (alg) => [`the algorithm "${alg}" of another type of key`, { ...key, alg }, `this type is for ${right}`] as const,
  )

test.each<readonly [string, string | object, string]>([
  ['[RFC 8725 3.5] a secret of 31 bytes', 'q3Tn1vXz8LkW0yB6uR2sD9fGhJ4mP7a', 'must have at least 32 bytes'],
  ['[RFC 8725 2.2] a word of a dictionary', 'secret', 'must have at least 32 bytes'],
  ['[RFC 8725 2.1] a public key in PEM', pem, 'looks like a key in PEM'],
  ['a PEM after white space', `\n ${pem}`, 'looks like a key in PEM'],
  ['a JWK in quotes', JSON.stringify(JSON.stringify(es)), 'is in quotes'],
  ['a JWK in base64', btoa(JSON.stringify(toPublic(es))), 'looks like a JWK'],
  ['a JSON array', [es], 'it is a list'],
  ['broken JSON', JSON.stringify(es).slice(0, -1), 'is not valid JSON'],
  ['an empty set', { keys: [] }, 'has no keys'],
  ['a set that is no list', { keys: es }, 'has "keys" that is no list'],
  ['a set with something else in it', { keys: [es, 'canary-canary-canary'] }, 'key 2 is no JWK'],
  ['an empty object', {}, `has "kty" missing or unknown: ${taken}`],
  ['a key without a type', { ...es, kty: undefined }, `has "kty" missing or unknown: ${taken}`],
  ['a key of an unknown type', { ...es, kty: 'canary-canary-canary-canary' }, 'has "kty" missing or unknown'],
  ['[RFC 8725 3.2] RSA', { ...rsa, kid: 'a', alg: 'RS256' }, `has "kty" "RSA": ${taken}`],
  ['an oct key of 31 bytes', toEntry(new Uint8Array(31), 'a'), 'has fewer than 32 bytes in "k"'],
  [
    'an oct key of 16 bytes',
    toEntry(crypto.getRandomValues(new Uint8Array(16)), 'a'),
    'has fewer than 32 bytes in "k"',
  ],
  ['an oct key in base64', { ...hs, k: '+/'.repeat(22) }, 'has no base64url in "k": it is written without padding'],
  ['an oct key with padding', { ...hs, k: `${hs.k}=` }, 'has no base64url in "k": it is written without padding'],
  ['an oct key of an impossible length', { ...hs, k: 'A'.repeat(45) }, 'has no base64url in "k"'],
  ['an oct key without k', { ...hs, k: undefined }, 'has no base64url in "k"'],
  ['an oct key of zeros', toEntry(new Uint8Array(32), 'a'), 'looks like a few characters again and again'],
  ['an oct key that is a public key in PEM', toEntry(pem, 'a'), 'looks like a key in PEM'],
  ['an EC key with padding', { ...es, x: `${es.x}=` }, 'has no base64url in "x": it is written without padding'],
  ['P-384', { ...p384, kid: 'a' }, 'has "crv" "P-384": ES256 takes P-256'],
  ['P-384 that calls itself P-256', { ...p384, kid: 'a', crv: 'P-256' }, 'has no 32 bytes of base64url in "x"'],
  ['secp256k1', { ...es, crv: 'secp256k1' }, 'has "crv" "secp256k1": ES256 takes P-256'],
  ['X25519', { ...ed, crv: 'X25519' }, 'has "crv" "X25519": EdDSA takes Ed25519'],
  ...algorithmsOf(hs, 'HS256', 'HS384', 'HS512', 'ES256', 'EdDSA', 'none', ''),
  ...algorithmsOf(es, 'ES256', 'HS256', 'ES384', 'EdDSA', 'none'),
  ...algorithmsOf(ed, 'EdDSA', 'HS256', 'ES256', 'none'),
  ['a key for encryption', { ...es, use: 'enc' }, 'has "use" "enc": only "sig" will do'],
  ['a later key for encryption', { keys: [hs, { ...toPublic(es), use: 'enc' }] }, 'key 2 has "use" "enc"'],
  [
    'a key to agree on others',
    { ...es, key_ops: ['deriveKey'] },
    'has "key_ops" with "deriveKey": only sign and verify',
  ],
  ['a key with operations that are no list', { ...es, key_ops: 'sign' }, 'has "key_ops" that is no list'],
  ['an empty key id', { ...es, kid: '' }, 'has an empty "kid"'],
  ['a key id that is a number', { ...es, kid: 1 }, 'has a "kid" that is no text'],
  ['[RFC 8725 2.5] a point off the curve', { ...es, y: flip(es.y) }, parts],
  ['[RFC 8725 3.4] a later point off the curve', { keys: [hs, { ...toPublic(es), x: flip(es.x) }] }, parts],
  ['the private half of another EC key', { ...es, d: otherEs.d }, parts],
  ['the private half of another Ed25519 key', { ...ed, d: otherEd.d }, parts],
  ['an EC key with d of zero', { ...es, d: 'A'.repeat(43) }, parts],
  ['a first key that is public only', toPublic(es), 'it begins with a public half'],
  ['a set whose first key is public only', { keys: [toPublic(ed), es] }, 'it begins with a public half'],
  ['one key id twice', { keys: [es, { ...otherEs, kid: es.kid }] }, 'has a key id twice'],
  ['one whole key twice', { keys: [es, es] }, 'has a key id twice'],
  ['one EC key under two ids', { keys: [es, { ...toPublic(es), kid: 'b' }] }, 'has a key twice'],
  ['one Ed25519 key under two ids', { keys: [ed, { ...toPublic(ed), kid: 'b' }] }, 'has a key twice'],
  ['one oct key under two ids', { keys: [hs, { ...hs, kid: 'b' }] }, 'has a key twice'],
  ['one oct key in two spellings', { keys: [hs, { ...hs, kid: 'b', k: respell(hs.k ?? '') }] }, 'has a key twice'],
  ['one EC key in two spellings', { keys: [es, { ...toPublic(es), kid: 'b', x: respell(es.x ?? '') }] }, 'in "x"'],
  ['one Ed25519 key in two spellings', { keys: [ed, { ...toPublic(ed), kid: 'b', x: respell(ed.x ?? '') }] }, 'in "x"'],
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

test('[RFC 8725 2.8] rejects the same bytes in both settings, in any form', async () => {
  const secret = newSecret()
  const [entry, renamed] = [toEntry(secret, 'a'), toEntry(secret, 'b')]
  for (const [access, refresh] of [
    [secret, secret],
    [secret, JSON.stringify(renamed)],
    [JSON.stringify(entry), secret],
    [JSON.stringify(entry), JSON.stringify(renamed)],
    [setOf(es, entry), setOf(hs, renamed)],
    [secret, JSON.stringify({ ...renamed, k: respell(renamed.k) })],
    [secret, `${secret}\n`],
    [`\u200b${secret} `, secret],
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
      expect(String(log.mock.lastCall)).toMatch(new RegExp(`ConfigError: ${name}:? `))
      for (const [material] of key.matchAll(/[\w+/=-]{20,}/g)) expect(String(log.mock.calls)).not.toContain(material)
    }
  },
)
