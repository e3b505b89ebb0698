/** `npm run keys`: makes a token key, and turns what there is into an entry of a key set. Only the key goes to stdout. */
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { parseKeys, toPublicJwk } from '../src/auth/jwk.ts'
import { ConfigError } from '../src/config.ts'
import { Refusal } from './terminal.ts'

const usage = `Usage: npm run -s keys -- COMMAND [--kid ID]

  HS256, ES256, EdDSA   a new private key; REFRESH_TOKEN_KEY takes HS256 only
  secret                a plain secret, from standard input, as an entry of a key set. --kid is the id in the tokens
                        that it signs: signin_1 (ACCESS_TOKEN_KEY, the default) or signin_2 (REFRESH_TOKEN_KEY)
  public                the public half of a private key, from standard input

One line of JSON on standard output: npm run -s keys -- ES256 | npx wrangler secret put ACCESS_TOKEN_KEY
A key set is {"keys":[…]}: the first signs, all verify.`

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
  if (command === 'secret') return JSON.stringify(await readSecret(kid))
  if (command === 'public' && !kid) return JSON.stringify(await readPublicKey())
  throw new Refusal('Choose HS256, ES256, EdDSA, secret or public. --help explains them')
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
  const jwk = await exportJWK(privateKey)
  return { kty: jwk.kty, kid: kid ?? (await calculateJwkThumbprint(jwk)), use: 'sig', alg, ...jwk }
}

/** `wrangler secret put` stores a secret without the white space at its end: so do we, or it would be another key. */
async function readSecret(kid = 'signin_1') {
  const secret = (await text(process.stdin)).trimEnd()
  if (/^\s*\{/.test(secret)) throw new Refusal('This is a key in JSON already: it can join a set as it is')
  return parseKeys('The secret', secret, kid)[0]
}

async function readPublicKey() {
  const key = await text(process.stdin)
  if (!/^\s*\{/.test(key)) throw new Refusal('Standard input must be a JWK')
  const [jwk] = parseKeys('The key', key, '')
  const half = toPublicJwk(jwk)
  if (!half) throw new Refusal('The key is a shared secret: it has no public half')
  return half
}
