/** `npm run keys` prints a key that the Worker accepts, and nothing else. */
import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, compactVerify, importJWK, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { parseKeys, toPublicJwk } from '../../src/auth/jwk.ts'
import { callCommand, expectRefusal, runCommand } from '../support/process/command.ts'

const secret = 'q3Tn1vXz8LkW0yB6uR2sD9fGhJ4mP7aQ5cE'

/** Imports a setting as the Worker does. */
const read = (key: string) => parseKeys('ACCESS_TOKEN_KEY', key, 'signin_1')

const run = (args: string[], input: string | Buffer = '') => callCommand('ops/keys.ts', args, { input })

/** Runs it and returns the key in its only line. */
async function print(args: string[], input?: string | Buffer) {
  const { status, output, errors } = await run(args, input)
  expect({ status, errors }).toEqual({ status: 0, errors: '' })
  expect(output).toMatch(/^\{[^\n]+\}\n$/)
  return { output, key: JSON.parse(output) }
}

test.each(['HS256', 'ES256', 'EdDSA'])('succeeds with a new %s key that signs and verifies', async (alg) => {
  const { output, key } = await print([alg])
  expect(key).toMatchObject({ alg, use: 'sig' })
  const [known] = await read(output)
  const { use: _, ...members } = key
  expect(known).toEqual(members)

  const token = await new SignJWT().setProtectedHeader({ alg }).sign(await importJWK(key, alg))
  const half = alg === 'HS256' ? known : toPublicJwk(known)
  await expect(compactVerify(token, await importJWK({ ...half }, alg))).resolves.toBeDefined()

  const { key: another } = await print([alg])
  expect(another.kid).not.toBe(key.kid)
  expect(another.k ?? another.d).not.toBe(key.k ?? key.d)
})

test.each(['ES256', 'EdDSA'])('succeeds with the thumbprint of an %s key for its id', async (alg) => {
  const { key } = await print([alg])
  expect(key.kid).toBe(await calculateJwkThumbprint(key))
})

test('protects an HS256 key, whose id tells nothing of it', async () => {
  const { key } = await print(['HS256'])
  expect(Buffer.from(key.kid, 'base64url')).toHaveLength(16)
  expect(Buffer.from(key.k, 'base64url')).toHaveLength(32)
  expect(key.kid).not.toBe(await calculateJwkThumbprint(key))
})

test.each(['HS256', 'ES256', 'EdDSA'])('succeeds with a chosen id for an %s key', async (alg) => {
  expect((await print([alg, '--kid', 'winter'])).key.kid).toBe('winter')
  expect((await print(['--kid=winter', alg])).key.kid).toBe('winter')
})

test('succeeds in moving a plain secret into a set: the same key under the same id', async () => {
  const { key } = await print(['secret'], secret)
  expect(key).toEqual({ kty: 'oct', kid: 'signin_1', alg: 'HS256', k: Buffer.from(secret).toString('base64url') })
  expect((await print(['secret', '--kid', 'signin_2'], secret)).key).toEqual({ ...key, kid: 'signin_2' })

  const { key: next } = await print(['ES256'])
  const { use: _, ...members } = next
  expect(await read(JSON.stringify({ keys: [next, key] }))).toEqual([members, ...(await read(secret))])
})

test('succeeds with white space around the secret, which the Worker drops too', async () => {
  for (const ending of ['\n', '\r\n', ' \n\n', '']) {
    const { key } = await print(['secret'], ` ${secret}ü${ending}`)
    expect(key.k).toBe(Buffer.from(`${secret}ü`).toString('base64url'))
  }
})

describe('convert', () => {
  const pairs = {
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: generateKeyPairSync('ed25519'),
  }

  test.each([
    ['ES256', 'pkcs8'],
    ['ES256', 'sec1'],
    ['EdDSA', 'pkcs8'],
  ] as const)('makes a JWK that the Worker takes of an %s key in %s', async (alg, type) => {
    const { privateKey } = pairs[alg]
    const { output, key } = await print(['convert'], privateKey.export({ format: 'pem', type }))
    expect(key).toEqual({
      ...privateKey.export({ format: 'jwk' }),
      kid: await calculateJwkThumbprint(key),
      use: 'sig',
      alg,
    })
    expect((await read(output))[0]).toMatchObject({ alg, d: key.d })
    const named = await print(['convert', '--kid', 'winter'], privateKey.export({ format: 'pem', type }))
    expect(named.key.kid).toBe('winter')
  })

  test('turns a public key into one that only verifies', async () => {
    const { publicKey } = pairs.ES256
    const { key } = await print(['convert'], publicKey.export({ format: 'pem', type: 'spki' }))
    expect(key).toMatchObject({ ...publicKey.export({ format: 'jwk' }), alg: 'ES256' })
    expect(key).not.toHaveProperty('d')
  })

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey
  const pem = pairs.EdDSA.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'x' }

  test.each([
    ['RSA', rsa.export({ format: 'pem', type: 'pkcs1' }), 'The key is of type RSA: only P-256'],
    ['P-384', p384.export({ format: 'pem', type: 'pkcs8' }), 'The key is on the curve P-384: only P-256'],
    ['secp256k1', secp256k1.export({ format: 'pem', type: 'sec1' }), 'The key is on the curve secp256k1: only P-256'],
    ['an encrypted key', rsa.export({ format: 'pem', type: 'pkcs8', ...cipher }), 'The key is encrypted'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', 'This is a certificate'],
    ['half a key', pem.slice(0, 60), 'The key cannot be read'],
    ['a key in one line', pem.replaceAll('\n', ''), 'The key cannot be read'],
    ['a JWK', '{"kty":"EC"}', 'Standard input must be a key in PEM'],
    ['nothing', '', 'Standard input must be a key in PEM'],
  ])('rejects %s in one line', (_, input, message) => expectRefusal(message, run(['convert'], String(input))))
})

test.each(['ES256', 'EdDSA'])('succeeds with the public half of an %s key', async (alg) => {
  const { output, key } = await print([alg])
  const { d, ...half } = key
  expect((await print(['public'], output)).key).toEqual(half)
})

test.each([
  { args: [], message: 'Choose HS256, ES256, EdDSA, convert, secret or public' },
  { args: ['RS256'], message: 'Choose' },
  { args: ['es256'], message: 'Choose' },
  { args: ['ES256', 'EdDSA'], message: "Unexpected argument 'EdDSA'" },
  { args: ['ES256', '--size', '384'], message: "Unknown option '--size'" },
  { args: ['ES256', '--kid'], message: "Option '--kid <value>' argument missing" },
  { args: ['ES256', '--kid='], message: '--kid is empty' },
  { args: ['public', '--kid', 'winter'], message: 'Choose' },
])('rejects the arguments $args in one line', ({ args, message }) => expectRefusal(message, run(args)))

test.each([
  { args: ['secret'], input: '', message: 'The secret must have at least 32 bytes' },
  { args: ['secret'], input: `${secret.slice(0, 31)}\n`, message: 'The secret must have at least 32 bytes' },
  {
    args: ['secret'],
    input: '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n',
    message: 'The secret looks like a key in PEM',
  },
  { args: ['secret'], input: btoa('{"kty":"oct","k":"canary"}'), message: 'The secret looks like a JWK' },
  { args: ['secret'], input: 'x'.repeat(40), message: 'The secret looks like a placeholder' },
  { args: ['secret'], input: `"${secret}"`, message: 'The secret looks like a text in quotes' },
  { args: ['secret'], input: '{"kty":"oct"}', message: 'This is a key in JSON already' },
  { args: ['public'], input: 'canary', message: 'Standard input must be a JWK' },
  { args: ['public'], input: '{"canary', message: 'The key begins like a JWK but is not valid JSON' },
  { args: ['public'], input: '{"kty":"EC","x":"canary"}', message: 'The key has "crv" missing or unknown' },
  {
    args: ['public'],
    input: `{"kty":"oct","kid":"a","k":"${secret}1234567Z"}`,
    message: 'The key is a shared secret: it has no public half',
  },
])('rejects $input given to $args in one line', ({ args, input, message }) => expectRefusal(message, run(args, input)))

test('as a process, prints its usage, and rejects arguments in one line', async () => {
  const { status, output, errors } = await runCommand('ops/keys.ts', ['--help'])
  expect({ status, errors }).toEqual({ status: 0, errors: '' })
  expect(output).toMatch(/^Usage: npm run -s keys -- /)
  await expectRefusal('Choose', runCommand('ops/keys.ts', ['RS256']))
})
