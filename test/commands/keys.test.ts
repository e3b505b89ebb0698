/** `npm run keys` as a process: what it prints is a key that the Worker accepts, and nothing else is. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { calculateJwkThumbprint, compactVerify, importJWK, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { parseKeys, toPublicJwk } from '../../src/auth/jwk.ts'

const project = join(import.meta.dirname, '../..')
const secret = 'a plain secret of more than thirty-two bytes'

/** What the Worker makes of a setting. */
const read = (key: string) => parseKeys('ACCESS_TOKEN_KEY', key, 'signin_1')

async function run(args: string[], input: string | Buffer = '') {
  const child = spawn(process.execPath, [join(project, 'dev/keys.ts'), ...args])
  child.stdin.end(input)
  const [output, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, output, error }
}

/** Runs it and returns the key in its only line. */
async function print(args: string[], input?: string | Buffer) {
  const { status, output, error } = await run(args, input)
  expect({ status, error }).toEqual({ status: 0, error: '' })
  expect(output).toMatch(/^\{[^\n]+\}\n$/)
  return { output, key: JSON.parse(output) }
}

async function expectRefused(args: string[], message: string, input?: string) {
  const { status, output, error } = await run(args, input)
  expect({ status, output }).toEqual({ status: 1, output: '' })
  expect(error).toMatch(/^[^\n]+\n$/)
  expect(error).toContain(message)
}

test.each(['HS256', 'ES256', 'EdDSA'])('succeeds with a new %s key that signs and verifies', async (alg) => {
  const { output, key } = await print([alg])
  expect(key).toMatchObject({ alg, use: 'sig' })
  const [known] = read(output)
  expect(known).toEqual(key)

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

test('protects an HS256 key: its id tells nothing of it', async () => {
  const { key } = await print(['HS256'])
  expect(Buffer.from(key.kid, 'base64url')).toHaveLength(16)
  expect(Buffer.from(key.k, 'base64url')).toHaveLength(32)
  expect(key.kid).not.toBe(await calculateJwkThumbprint(key))
})

test.each(['HS256', 'ES256', 'EdDSA'])('succeeds with an id of one’s own for an %s key', async (alg) => {
  expect((await print([alg, '--kid', 'winter'])).key.kid).toBe('winter')
  expect((await print(['--kid=winter', alg])).key.kid).toBe('winter')
})

test('succeeds in moving a plain secret into a set: the same key under the same id', async () => {
  const { key } = await print(['secret'], secret)
  expect(key).toEqual({ kty: 'oct', kid: 'signin_1', alg: 'HS256', k: Buffer.from(secret).toString('base64url') })
  expect((await print(['secret', '--kid', 'signin_2'], secret)).key).toEqual({ ...key, kid: 'signin_2' })

  const { key: next } = await print(['ES256'])
  expect(read(JSON.stringify({ keys: [next, key] }))).toEqual([next, ...read(secret)])
})

test('succeeds with the secret that `wrangler secret put` would store: without white space at the end, and only there', async () => {
  for (const ending of ['\n', '\r\n', ' \n\n', '']) {
    expect((await print(['secret'], ` ${secret} ü${ending}`)).key.k).toBe(
      Buffer.from(` ${secret} ü`).toString('base64url'),
    )
  }
})

test.each(['ES256', 'EdDSA'])('succeeds with the public half of an %s key', async (alg) => {
  const { output, key } = await print([alg])
  const { d, ...half } = key
  expect((await print(['public'], output)).key).toEqual(half)
})

test.each([
  { args: [], message: 'Choose HS256, ES256, EdDSA, secret or public' },
  { args: ['RS256'], message: 'Choose' },
  { args: ['es256'], message: 'Choose' },
  { args: ['ES256', 'EdDSA'], message: "Unexpected argument 'EdDSA'" },
  { args: ['ES256', '--size', '384'], message: "Unknown option '--size'" },
  { args: ['ES256', '--kid'], message: "Option '--kid <value>' argument missing" },
  { args: ['ES256', '--kid='], message: '--kid is empty' },
  { args: ['public', '--kid', 'winter'], message: 'Choose' },
])('rejects the arguments $args in one line', ({ args, message }) => expectRefused(args, message))

test.each([
  { args: ['secret'], input: '', message: 'The secret must have at least 32 bytes' },
  { args: ['secret'], input: `${'x'.repeat(31)}\n`, message: 'The secret must have at least 32 bytes' },
  { args: ['secret'], input: '-----BEGIN PUBLIC KEY-----\nMFkw\n', message: 'The secret must be a plain secret' },
  { args: ['secret'], input: '{"kty":"oct"}', message: 'This is a key in JSON already' },
  { args: ['public'], input: 'canary', message: 'Standard input must be a JWK' },
  { args: ['public'], input: '{"canary', message: 'The key begins like a JWK but is not valid JSON' },
  { args: ['public'], input: '{"kty":"EC","x":"canary"}', message: 'The key is not a usable key' },
  {
    args: ['public'],
    input: `{"kty":"oct","kid":"a","k":"${'c'.repeat(43)}"}`,
    message: 'The key is a shared secret: it has no public half',
  },
])('rejects $input given to $args in one line', ({ args, input, message }) => expectRefused(args, message, input))

test('tells how it is used', async () => {
  const { status, output, error } = await run(['--help'])
  expect({ status, error }).toEqual({ status: 0, error: '' })
  expect(output).toMatch(/^Usage: npm run -s keys -- /)
})
