/** Real clients that know the issuer alone, over TLS, and what they say of tokens. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decodeJwt, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { newKey } from '../support/keys.ts'
import { createAuthority } from '../support/process/certificates.ts'
import { describeService, startContainer } from '../support/process/container.ts'
import { type Gateway, startGateway } from '../support/process/gateway.ts'
import { logInPerson } from '../support/process/people.ts'

const clients = join(import.meta.dirname, '../support/process/issuer-clients.ts')
const audience = 'acme-fitness-shop'

const authority = await createAuthority()
const upstream = new URL('http://127.0.0.1')
let local: LocalDatabase
let gateway: Gateway

beforeAll(async () => {
  local = await startLocalDatabase()
  gateway = await startGateway(upstream, '', await authority.issue('localhost'))
})

afterAll(async () => {
  gateway.close()
  await local.close()
  await authority.remove()
})

/** Starts the service behind the gateway, signing with the key. */
async function startService(key: JWK) {
  const settings = { TOKEN_ISSUER: gateway.url, TOKEN_AUDIENCE: audience, ACCESS_TOKEN_KEY: JSON.stringify(key) }
  const service = await startContainer(inject('app'), describeService(local.url, settings))
  upstream.port = String(service.port)
  return {
    logIn: () => logInPerson(service),
    /** Asks each client about each token. */
    async ask(...tokens: string[]): Promise<unknown[]> {
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority.ca }
      const args = [clients, gateway.url, audience, ...tokens]
      return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout)
    },
    close: () => service.process.kill(),
  }
}

test.each(['ES256', 'EdDSA'] as const)(
  'clients find the keys by the issuer, and trust tokens of %s alone',
  async (alg) => {
    const key = await newKey(alg)
    const service = await startService(key)
    const { id, token, refresh_token } = await service.logIn()
    const forged = await new SignJWT(decodeJwt(token))
      .setProtectedHeader({ alg, kid: key.kid, typ: 'JWT' })
      .sign((await generateKeyPair(alg)).privateKey)
    const [good, ...bad] = await service.ask(token, forged, refresh_token)
    expect(good).toEqual({
      'express-oauth2-jwt-bearer': id,
      'oauth4webapi and hono/jwk, oidc': id,
      'oauth4webapi and hono/jwk, oauth2': id,
    })
    expect(bad).toHaveLength(2)
    for (const answers of bad) {
      expect(answers).toEqual({
        'express-oauth2-jwt-bearer': expect.stringMatching(/^signature verification failed$|alg/),
        'oauth4webapi and hono/jwk, oidc': expect.stringContaining('invalid_token'),
        'oauth4webapi and hono/jwk, oauth2': expect.stringContaining('invalid_token'),
      })
    }
    service.close()
  },
)
