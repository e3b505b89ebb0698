import { env } from 'cloudflare:workers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { expectRefused } from '../support/attack.ts'
import { post } from '../support/client.ts'
import { logInPerson } from '../support/people.ts'
import { assemble, decode, forge, secrets } from '../support/tokens.ts'

const verify = (access_token: string, settings?: Record<string, string>) =>
  post('/verify-token', { access_token }, settings ? { settings } : {})

/** Logs in, and returns the access token and its parts. */
async function genuine() {
  const { accessToken, refreshToken } = await logInPerson()
  return { accessToken, refreshToken, ...decode(accessToken) }
}

afterEach(() => void vi.useRealTimers())

test('succeeds with the published answer', async () => {
  const { accessToken } = await genuine()
  const { status, text } = await verify(accessToken)
  expect(status).toBe(200)
  expect(text).toBe('{"message":"Token Valid. User Authorized","status":200}')
})

test('succeeds without a statement and with one signature check', async () => {
  const { accessToken } = await genuine()
  const [fetch, check, importKey] = [
    vi.spyOn(globalThis, 'fetch'),
    vi.spyOn(crypto.subtle, 'verify'),
    vi.spyOn(crypto.subtle, 'importKey'),
  ]
  await verify(accessToken)
  expect(fetch).not.toHaveBeenCalled()
  expect(importKey).not.toHaveBeenCalled()
  expect(check).toHaveBeenCalledTimes(1)
})

test('succeeds with the right key and claims, so that the attacks below fail for their own reason', async () => {
  const { header, claims } = await genuine()
  expect((await verify(await forge(header, claims, secrets.access))).status).toBe(200)
})

test.each([' ', '\n', '\t', '=', '==', '\u00a0', '.', '%20', '\0'])(
  'rejects a token with %j in front, behind or inside (RFC 7515, section 2) [V9.1.1]',
  async (extra) => {
    const { accessToken } = await genuine()
    const [header = '', claims = '', signature = ''] = accessToken.split('.')
    const spellings = [
      `${accessToken}${extra}`,
      `${extra}${accessToken}`,
      `${header}${extra}.${claims}.${signature}`,
      `${header}.${claims}${extra}.${signature}`,
      `${header}.${claims}.${signature.slice(0, 9)}${extra}${signature.slice(9)}`,
    ]
    for (const token of spellings) await expectRefused(token)
  },
)

test('succeeds with a token issued 60 seconds ahead of our clock, and rejects one of 61', async () => {
  const { header, claims } = await genuine()
  const iat = Number(claims.iat)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(iat * 1000)
  const issuedAt = (ahead: number) =>
    forge(header, { ...claims, iat: iat + ahead, exp: iat + ahead + 300 }, secrets.access)
  expect((await verify(await issuedAt(60))).status).toBe(200)
  await expectRefused(await issuedAt(61))
})

test('rejects a token from the second it expires [V7.2.1] [V9.2.1]', async () => {
  const { accessToken, claims } = await genuine()
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime((Number(claims.exp) - 1) * 1000)
  expect((await verify(accessToken)).status).toBe(200)
  vi.setSystemTime(Number(claims.exp) * 1000)
  await expectRefused(accessToken)
})

test('rejects a token that lives longer than is configured now [V9.2.1]', async () => {
  const { accessToken } = await genuine()
  await expectRefused(accessToken, { ACCESS_TOKEN_SECONDS: '299' })
})

test('rejects a refresh token [V9.2.2]', async () => {
  await expectRefused((await genuine()).refreshToken)
})

test('rejects the tokens of the service that this one replaces [V13.2.3]', async () => {
  await expectRefused(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6InNpZ25pbl8xIiwidHlwIjoiSldUIn0.eyJVc2VybmFtZSI6ImVyaWMiLCJleHAiOjE1NzA3NjI5NzksInN1YiI6IjVkOTNlMTFjNmY4Zjk4YzlmYjI0ZGU0NiJ9.n70EAaiY6rbH1QzpoUJhx3hER4odW8FuN2wYG1sgH7g',
  )
})

test.each([
  '',
  '.',
  '..',
  '...',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
  '{}',
  '\0',
  '\ud800.\ud800.\ud800',
  '😀.😀.😀',
  'null',
  `${'a'.repeat(5_000)}.${'a'.repeat(5_000)}.a`,
])('rejects the malformed token %#', (token) => expectRefused(token))

test.each(['none', 'None', 'nOnE', '', 'HS384', 'RS256', 'ES256', 'EdDSA'])(
  'rejects the algorithm "%s" without a signature and with the genuine one [V6.8.2] [V9.1.2]',
  async (alg) => {
    const { accessToken, header, claims } = await genuine()
    await expectRefused(assemble({ ...header, alg }, claims))
    await expectRefused(assemble({ ...header, alg }, claims, accessToken.split('.')[2]))
  },
)

test.each(['HS384', 'HS512'])('rejects %s signed with our own key [V9.1.2]', async (alg) => {
  const { header, claims } = await genuine()
  const secret = new Uint8Array([...secrets.access, ...secrets.access])
  await expectRefused(await forge({ ...header, alg }, claims, secret))
})

test('rejects a token signed with another key, even if it holds that key [V1.3.6] [V6.8.2] [V9.1.3] [V13.2.4]', async () => {
  const { header, claims } = await genuine()
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const fetch = vi.spyOn(globalThis, 'fetch')
  const jwk = await exportJWK(publicKey)
  const own = new Uint8Array(32)
  await expectRefused(await forge(header, claims, own))
  for (const member of [
    { jwk },
    { jku: 'https://evil.example/jwks' },
    { x5u: 'https://evil.example/x5u' },
    { x5c: ['MIIB'] },
  ]) {
    await expectRefused(await forge({ ...header, ...member }, claims, own))
    await expectRefused(await forge({ ...header, ...member, alg: 'ES256' }, claims, privateKey))
  }
  expect(fetch).not.toHaveBeenCalled()
})

test('rejects an access token signed with the refresh key, under either key id [V9.1.3] [V9.2.2]', async () => {
  const { header, claims } = await genuine()
  await expectRefused(await forge(header, claims, secrets.refresh))
  await expectRefused(await forge({ ...header, kid: 'signin_2' }, claims, secrets.refresh))
})

test.each([
  undefined,
  null,
  '',
  'signin_2',
  'SIGNIN_1',
  'signin_1 ',
  '__proto__',
  '../signin_1',
  "' OR 1=1",
  1,
  ['signin_1'],
])('rejects the key id %j though signed with the right key [V9.1.3]', async (kid) => {
  const { header, claims } = await genuine()
  await expectRefused(await forge({ ...header, kid }, claims, secrets.access))
})

test('rejects another type, critical headers and an unencoded payload [V9.1.2] [V9.2.2]', async () => {
  const { header, claims } = await genuine()
  await expectRefused(await forge({ ...header, typ: 'at+jwt' }, claims, secrets.access))
  await expectRefused(await forge({ ...header, typ: undefined }, claims, secrets.access))
  const crit = await new SignJWT(claims)
    .setProtectedHeader({ ...header, alg: 'HS256', crit: ['exp'], exp: 1 })
    .sign(secrets.access, { crit: { exp: true } })
  await expectRefused(crit)
  const genuineSignature = (await forge(header, claims, secrets.access)).split('.')[2]
  await expectRefused(assemble({ ...header, crit: ['b64'], b64: false }, claims, genuineSignature))
})

test('rejects every change of one bit in header, payload or signature [V6.8.2] [V7.2.1] [V9.1.1]', async () => {
  const { accessToken } = await genuine()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // The last character of a 32-byte signature has two bits that decode to nothing.
  const positions = [...accessToken.slice(0, -1)].flatMap((character, at) => (character === '.' ? [] : [at]))
  for (const at of positions) {
    const flipped = alphabet[alphabet.indexOf(accessToken.charAt(at)) ^ 4]
    await expectRefused(accessToken.slice(0, at) + flipped + accessToken.slice(at + 1))
  }
})

describe('claims', () => {
  const now = () => Math.floor(Date.now() / 1000)

  test.each(['Username', 'sub', 'iat', 'exp', 'jti', 'sid', 'gen'])(
    'rejects a token without %s [V9.2.1]',
    async (claim) => {
      const { header, claims } = await genuine()
      await expectRefused(await forge(header, { ...claims, [claim]: undefined }, secrets.access))
    },
  )

  test.each([
    ...['Username', 'sub', 'jti', 'sid'].flatMap((claim) => [1, null, ['a'], {}].map((value) => ({ claim, value }))),
    ...['iat', 'exp', 'gen'].flatMap((claim) => ['1', null, 1.5, [1], {}, true].map((value) => ({ claim, value }))),
  ])('rejects $claim of the value $value [V9.2.1]', async ({ claim, value }) => {
    const { header, claims } = await genuine()
    await expectRefused(await forge(header, { ...claims, [claim]: value }, secrets.access))
  })

  test('rejects numbers that are no time, such as 1e999 [V1.4.2] [V9.2.1]', async () => {
    const { header, claims } = await genuine()
    for (const exp of ['1e999', '-1', '9007199254740993', '1e308']) {
      const payload = JSON.stringify(claims).replace(/"exp":\d+/, `"exp":${exp}`)
      const unsigned = assemble(header, payload).slice(0, -1)
      const key = await crypto.subtle.importKey('raw', secrets.access, { name: 'HMAC', hash: 'SHA-256' }, false, [
        'sign',
      ])
      const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(unsigned))
      const encoded = btoa(String.fromCharCode(...new Uint8Array(signature)))
      await expectRefused(`${unsigned}.${encoded.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')}`)
    }
  })

  test('rejects a longer lifetime than configured, an issue in the future, and a token not yet valid [V9.2.1]', async () => {
    const { header, claims } = await genuine()
    await expectRefused(await forge(header, { ...claims, exp: Number(claims.iat) + 301 }, secrets.access))
    await expectRefused(await forge(header, { ...claims, iat: now() + 120, exp: now() + 300 }, secrets.access))
    await expectRefused(await forge(header, { ...claims, nbf: now() + 120 }, secrets.access))
  })

  test('succeeds with the clock of another server half a minute ahead', async () => {
    const { header, claims } = await genuine()
    const token = await forge(header, { ...claims, iat: now() + 30, exp: now() + 330 }, secrets.access)
    expect((await verify(token)).status).toBe(200)
  })

  test('rejects another or no issuer and audience where they are configured [V9.2.3] [V10.3.1]', async () => {
    const { header, claims } = await genuine()
    const settings = { TOKEN_ISSUER: 'us', TOKEN_AUDIENCE: 'shop' }
    const ours = { ...claims, iss: 'us', aud: 'shop' }
    expect((await verify(await forge(header, ours, secrets.access), settings)).status).toBe(200)
    for (const change of [{ iss: 'them' }, { iss: undefined }, { aud: 'other' }, { aud: undefined }, { aud: {} }]) {
      await expectRefused(await forge(header, { ...ours, ...change }, secrets.access), settings)
    }
  })
})

test.each([
  { body: {} },
  { body: { access_token: null } },
  { body: { access_token: 1 } },
  { body: { access_token: ['a'] } },
  { body: { token: 'a' } },
])('rejects the body $body by its field', async ({ body }) => {
  const { status, json } = await post('/verify-token', body)
  expect(status).toBe(400)
  expect(json.errors).toEqual([
    { field: 'access_token', message: expect.stringMatching(/^Access token (is required|must be a string)$/) },
  ])
})

test('protects the key: it is in no answer [V14.2.4]', async () => {
  expect((await verify('a.b.c')).text).not.toContain(env.ACCESS_TOKEN_KEY)
})
