/** `npm run keys`: makes a token key, or turns an existing one into an entry of a key set. Only it goes to stdout. */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { parseKeys, toPublicJwk } from '../src/auth/jwk.ts'
import { ConfigError } from '../src/config.ts'
import { trim } from '../src/settings/read.ts'
import { Refusal } from './terminal.ts'

const usage = `Usage: npm run -s keys -- COMMAND [--kid ID]

  HS256, ES256, EdDSA   a new private key; REFRESH_TOKEN_KEY takes HS256 only
  convert               a key in PEM (P-256 or Ed25519; PKCS #8, SEC 1 or SPKI), from standard input, as a JWK
  secret                a plain secret, from standard input, as an entry of a key set. --kid is the id in the tokens
                        that it signs: signin_1 (ACCESS_TOKEN_KEY, the default) or signin_2 (REFRESH_TOKEN_KEY)
  public                the public half of a private key, from standard input

One line of JSON on standard output: npm run -s keys -- ES256 | npx wrangler secret put ACCESS_TOKEN_KEY
A key set is {"keys":[…]}: the first signs, all verify.`

const ALGORITHMS: Partial<Record<string, 'ES256' | 'EdDSA'>> = { 'P-256': 'ES256', Ed25519: 'EdDSA' }

try {
  console.log(await run())
} catch (error) {
  if (!(error instanceof Refusal || error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function run(): Promise<string> {
  const { command, kid, help } = readArguments()
  if (help) return usage
  if (command === 'HS256') return JSON.stringify(generateSecretKey(kid))
  if (command === 'ES256' || command === 'EdDSA') return JSON.stringify(await generatePrivateKey(command, kid))
  if (command === 'convert') return JSON.stringify(await convertPem(kid))
  if (command === 'secret') return JSON.stringify(await readSecret(kid))
  if (command === 'public' && !kid) return JSON.stringify(await readPublicKey())
  throw new Refusal('Choose HS256, ES256, EdDSA, convert, secret or public. --help explains them')
}

function readArguments() {
  try {
    const options = { kid: { type: 'string' }, help: { type: 'boolean' } } as const
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    if (positionals.length > 1) throw new Error(`Unexpected argument '${positionals[1]}'`)
    if (values.kid === '') throw new Error('--kid is empty')
    return { command: positionals[0], ...values }
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('. ')
    throw new Refusal(`${reason}. --help explains the arguments`)
  }
}

function generateSecretKey(kid = randomBytes(16).toString('base64url')) {
  return { kty: 'oct', kid, use: 'sig', alg: 'HS256', k: randomBytes(32).toString('base64url') }
}

async function generatePrivateKey(alg: 'ES256' | 'EdDSA', kid: string | undefined) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return toEntry(await exportJWK(privateKey), alg, kid)
}

/** Completes a JWK. Without a given id its thumbprint becomes its `kid` (RFC 7638). */
async function toEntry(jwk: JWK, alg: 'ES256' | 'EdDSA', kid: string | undefined) {
  return { ...jwk, kty: jwk.kty, kid: kid ?? (await calculateJwkThumbprint(jwk)), use: 'sig', alg }
}

async function convertPem(kid: string | undefined) {
  const jwk = readPem(await text(process.stdin)).export({ format: 'jwk' })
  const alg = ALGORITHMS[String(jwk.crv)]
  if (alg) return toEntry({ ...jwk, kty: String(jwk.kty) }, alg, kid)
  const kind = jwk.crv ? `is on the curve ${jwk.crv}` : `is of type ${jwk.kty}`
  throw new Refusal(
    `The key ${kind}: only P-256 (ES256) and Ed25519 (EdDSA) will do. Make one: npm run -s keys -- ES256`,
  )
}

function readPem(pem: string): KeyObject {
  if (!pem.includes('-----BEGIN'))
    throw new Refusal('Standard input must be a key in PEM: -----BEGIN PRIVATE KEY-----…')
  if (/ENCRYPTED/.test(pem)) throw new Refusal('The key is encrypted. Decrypt it first: openssl pkey -in key.pem')
  if (/BEGIN CERTIFICATE/.test(pem))
    throw new Refusal('This is a certificate, not a key: convert its private key, in PEM')
  try {
    return /PRIVATE KEY/.test(pem) ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    throw new Refusal(
      'The key cannot be read: it must be PKCS #8, SEC 1 or SPKI in PEM, whole and with its line breaks',
    )
  }
}

/** Reads a secret as the Worker reads its settings: without the white space around it. */
async function readSecret(kid = 'signin_1') {
  const secret = trim(await text(process.stdin))
  if (secret.startsWith('{')) throw new Refusal('This is a key in JSON already: it can join a set as it is')
  const [jwk] = await parseKeys('The secret', secret, kid)
  return jwk
}

async function readPublicKey() {
  const key = trim(await text(process.stdin))
  if (!key.startsWith('{')) throw new Refusal('Standard input must be a JWK')
  const [jwk] = await parseKeys('The key', key, '')
  const half = toPublicJwk(jwk)
  if (!half) throw new Refusal('The key is a shared secret: it has no public half')
  return half
}
