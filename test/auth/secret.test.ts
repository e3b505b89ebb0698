import { base64url, exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { recognise, recogniseBytes } from '../../src/auth/secret.ts'

const pairs = await Promise.all(
  (['ES256', 'EdDSA', 'RS256'] as const).map((alg) => generateKeyPair(alg, { extractable: true })),
)
const pems = (
  await Promise.all(
    pairs.map(async ({ publicKey, privateKey }) => [await exportSPKI(publicKey), await exportPKCS8(privateKey)]),
  )
).flat()
const jwks = (
  await Promise.all(
    pairs.map(async ({ publicKey, privateKey }) => [await exportJWK(publicKey), await exportJWK(privateKey)]),
  )
)
  .flat()
  .map((jwk) => JSON.stringify(jwk))

const bodyOf = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')
const hex = (base64: string) => Array.from(atob(base64), (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('')
const encode = (text: string) => btoa(text)

describe('a key in PEM or DER is recognised', () => {
  const forms: [string, (pem: string) => string][] = [
    ['as it is', (pem) => pem],
    ['in one line', (pem) => pem.replaceAll('\n', '\\n')],
    ['without its line breaks', (pem) => pem.replaceAll('\n', '')],
    ['with spaces for line breaks', (pem) => pem.replaceAll('\n', ' ')],
    ['in quotes', (pem) => JSON.stringify(pem)],
    ['in base64', encode],
    ['in base64url without padding', (pem) => base64url.encode(pem)],
    ['in base64 twice', (pem) => encode(encode(pem))],
    ['as base64 of DER', bodyOf],
    ['as base64 of DER without padding', (pem) => bodyOf(pem).replace(/=+$/, '')],
    ['as base64url of DER', (pem) => bodyOf(pem).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')],
    ['as base64 of DER, twice', (pem) => encode(bodyOf(pem))],
    ['as base64 of DER in lines', (pem) => bodyOf(pem).replace(/.{64}/g, '$&\n')],
    ['as hex of DER', (pem) => hex(bodyOf(pem))],
    ['as upper-case hex of DER', (pem) => hex(bodyOf(pem)).toUpperCase()],
  ]
  test.each(forms)('%s', (_, write) => {
    for (const pem of pems) {
      const found = recognise(write(pem))
      expect(found?.looksLike).toMatch(/^a key in (PEM|DER)$/)
      expect(found?.instead).toContain('npm run -s keys -- convert')
    }
  })
})

test.each([
  ['PKCS#1, private', 'RS256', 'pkcs8', 26],
  ['PKCS#1, public', 'RS256', 'spki', 24],
  ['SEC1', 'ES256', 'pkcs8', 29],
] as const)('a key in DER is recognised in %s', async (_, alg, format, headBytes) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const pem = await (format === 'spki' ? exportSPKI(publicKey) : exportPKCS8(privateKey))
  const key = atob(bodyOf(pem)).slice(headBytes)
  expect(key.charCodeAt(0)).toBe(0x30)
  expect(recognise(btoa(key))?.looksLike).toBe('a key in DER')
})

describe('a JWK is recognised', () => {
  const banner = '\n> acme-user-service@1.0.0 keys\n> node keys.ts ES256\n\n'
  const forms: [string, (jwk: string) => string][] = [
    ['in double quotes', (jwk) => JSON.stringify(jwk)],
    ['in single quotes', (jwk) => `'${jwk}'`],
    ['with npm’s banner in front', (jwk) => banner + jwk],
    ['behind the name of its setting', (jwk) => `ACCESS_TOKEN_KEY=${jwk}`],
    ['in base64', encode],
    ['in base64url', (jwk) => base64url.encode(jwk)],
    ['in base64 twice', (jwk) => encode(encode(jwk))],
    ['in hex', (jwk) => hex(encode(jwk))],
    ['encoded for a URL', encodeURIComponent],
    ['with npm’s banner in base64', (jwk) => encode(banner + jwk)],
    ['with another thing in front', (jwk) => `key: ${jwk}`],
  ]
  test.each(forms)('%s', (_, write) => {
    for (const jwk of jwks) expect(recognise(write(jwk))?.looksLike).toMatch(/JWK|JSON/)
  })
})

test.each([
  ['a key of SSH', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@host'],
  ['a key of SSH', 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'],
  ['a key of SSH', 'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHkx'],
  ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
  ['JSON or a template', '{{ .Values.secrets.accessTokenKey | b64enc }}'],
  ['JSON or a template', `$${'{{'} secrets.ACCESS_TOKEN_KEY_OF_THE_SHOP }}`],
  ['a text in quotes', '"q3Tn1vXz8LkW0yB6uR2sD9fGhJ4mP7aQ5cE"'],
  ['a text in quotes', "'q3Tn1vXz8LkW0yB6uR2sD9fGhJ4mP7aQ5cE'"],
  ['a text in quotes', 'q3Tn1vXz8LkW0yB6uR2sD9fGhJ4mP7aQ5cE"'],
  ['a text with white space', 'correct horse battery staple and some more words'],
  ['a text with white space', 'q3Tn1vXz8LkW0yB6uR2s\nD9fGhJ4mP7aQ5cE'],
  ['a line of a settings file', 'ACCESS_TOKEN_KEY=q3Tn1vXz8LkW0yB6uR2sD9fGhJ4mP7aQ5cE'],
  ['a reference', 'op://production/acme-user/access-token-key'],
  ['a reference', 'https://vault.example/v1/secret/data/acme-user'],
  ['a reference', 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme'],
  ['a reference', 'vault:secret/data/acme-user#access_token_key'],
  ['a reference', '@Microsoft.KeyVault(SecretUri=https:vault.azure.net/secrets/x)'],
  ['a reference', 'projects/acme/secrets/access-token-key/versions/latest'],
  ['a reference', 'ENC[AES256_GCM,data:q3Tn1vXz8LkW0yB6uR2sD9fGhJ4mP7aQ5cE]'],
  ['the path of a file', '/run/secrets/access_token_key_of_the_shop'],
  ['the path of a file', './secrets/production/access-token-key.pem'],
  ['a placeholder', '<your access token key goes here>'.replaceAll(' ', '-')],
  ['a placeholder', '$(ACCESS_TOKEN_KEY_FROM_THE_STORE)'],
  ['a placeholder', '$ACCESS_TOKEN_KEY_FROM_THE_STORE_'],
  ['a placeholder', '%ACCESS_TOKEN_KEY_FROM_THE_STORE%'],
  ['a placeholder', '********************************'],
  ['a placeholder', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
  ['a placeholder', 'please-change-me-before-production-1234'],
  ['a placeholder', 'REPLACE_ME_WITH_A_REAL_KEY_0123456789'],
  ['a placeholder', 'my-super-secret-jwt-key-for-the-shop-2026'],
  ['a placeholder', 'this_is_an_example_key_do_not_use_it_ever'],
  ['a few characters', 'a'.repeat(40)],
  ['a few characters', '0'.repeat(64)],
  ['a few characters', 'abcabcabcabcabcabcabcabcabcabcabc'],
  ['a few characters', 'q3Tn1vXz8LkW0yB6'.repeat(3)],
  ['a few characters', 'q3Tn1vXz8LkW0yB6uR2s'.repeat(2)],
  ['a few characters', 'abcdefghijklmnopqrstuvwxyz0123456789'],
  ['a few characters', '12345678901234567890123456789012'],
  ['a few characters', '0123456789abcdef0123456789abcdef'],
])('recognises %s: %s', (looksLike, secret) => {
  expect(recognise(secret)?.looksLike).toContain(looksLike)
})

describe('random text is never taken for anything else', () => {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
  const binary = (bytes: Uint8Array) => String.fromCharCode(...bytes)
  const printable = (length: number, alphabet: string) =>
    Array.from(random(length), (byte) => alphabet[byte % alphabet.length]).join('')
  const punctuation = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#%&()*+,-.;<=>?@[]^_|~'

  test.each<[string, () => string]>([
    ['base64 of 32 bytes', () => btoa(binary(random(32)))],
    ['base64 of 48 bytes', () => btoa(binary(random(48)))],
    ['base64 of 64 bytes', () => btoa(binary(random(64)))],
    ['base64url of 32 bytes', () => base64url.encode(random(32))],
    ['base64url of 96 bytes', () => base64url.encode(random(96))],
    ['hex of 32 bytes', () => hex(btoa(binary(random(32))))],
    ['hex of 64 bytes', () => hex(btoa(binary(random(64))))],
    ['a password with punctuation', () => printable(40, punctuation)],
    ['two UUIDs', () => crypto.randomUUID() + crypto.randomUUID()],
  ])('%s', (_, make) => {
    for (let made = 0; made < 1_000; made++) {
      const secret = make()
      expect([secret, recognise(secret)]).toEqual([secret, null])
    }
  })

  test('base64 of 64 bytes that begin as a key in DER does', () => {
    const met = 'MD4CBGuBsTnfiLrVSIVKiyOdIaxqhhnB9czzhroiM1FPsMLYvn0zvrRu40cCXLBZmeW4CpmdDfpF7nh2pWWOew=='
    expect(recognise(met)).toBeNull()
  })

  test('random bytes', () => {
    for (let made = 0; made < 1_000; made++) expect(recogniseBytes(random(32 + (made % 64)))).toBeNull()
  })
})

test('a JWK is recognised in bytes as well as in text', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const der = Uint8Array.from(atob(bodyOf(pems[0] ?? '')), (c) => c.charCodeAt(0))
  expect(recogniseBytes(der)?.looksLike).toBe('a key in DER')
  expect(recogniseBytes(bytes(pems[0] ?? ''))?.looksLike).toBe('a key in PEM')
  expect(recogniseBytes(bytes(jwks[0] ?? ''))?.looksLike).toContain('JWK')
  expect(recogniseBytes(new Uint8Array(32))?.looksLike).toContain('a few characters')
  expect(recogniseBytes(bytes('please-change-me-before-production'))?.looksLike).toBe('a placeholder')
})
