/** Proofs that are forged, and tokens of one kind that are passed off as another. */
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { importTokenKinds } from '../../../src/auth/keys.ts'
import { sign } from '../../../src/auth/tokens.ts'
import { loadConfig } from '../../../src/config.ts'
import { post } from '../../support/client.ts'
import { newKey, newSecret, setOf, toEntry } from '../../support/keys.ts'
import { askReset, askVerification, openMail, reset, verify } from '../../support/mail.ts'
import { logInPerson, registerPerson } from '../../support/people.ts'
import { assemble, decode, forge, secrets } from '../../support/tokens.ts'

const { proof, ...kinds } = await importTokenKinds(loadConfig(env))

async function prepare() {
  const mail = openMail()
  const { email } = await registerPerson()
  const token = await askReset(mail, email)
  return { mail, token, ...decode(token) }
}

/** Signs claims with the key that proofs have, as nobody outside can. */
const resign = (change: object, claims: object) => {
  const { jti, iss, aud, ...own } = claims as Record<string, unknown>
  return sign(proof, { ...own, ...change })
}

test('a proof has a type, a key and an algorithm of its own [V9.2.2]', async () => {
  const { header, claims } = await prepare()
  expect(header).toEqual({ alg: 'HS256', kid: 'signin_2', typ: 'proof+jwt' })
  expect(Object.keys(claims).sort()).toEqual(['email', 'exp', 'gen', 'iat', 'jti', 'purpose', 'sub', 'username'].sort())
})

test.each(['access', 'refresh'] as const)(
  'a proof that is signed with the %s key is refused [V9.1.3] [V9.2.2]',
  async (kind) => {
    const { mail, header, claims } = await prepare()
    for (const typ of ['proof+jwt', 'JWT']) {
      expect((await reset(mail, await forge({ ...header, typ }, claims, secrets[kind]))).status).toBe(401)
      expect((await reset(mail, await sign({ ...kinds[kind], typ: 'proof+jwt' }, claims))).status).toBe(401)
    }
  },
)

test('a session token is no proof, whatever it claims [V9.2.2]', async () => {
  const { mail, claims } = await prepare()
  const { accessToken, refreshToken } = await logInPerson()
  for (const token of [
    accessToken,
    refreshToken,
    await sign(kinds.refresh, claims),
    await sign(kinds.access, claims),
  ]) {
    expect((await reset(mail, token)).status).toBe(401)
    expect((await verify(mail, token)).status).toBe(401)
  }
})

test('a proof is no session token, whatever it claims [V9.2.2]', async () => {
  const { accessToken, refreshToken } = await logInPerson()
  for (const claims of [decode(accessToken).claims, decode(refreshToken).claims]) {
    const token = await resign({}, claims)
    expect((await post('/verify-token', { access_token: token })).status).toBe(401)
    expect((await post('/refresh-token', { refresh_token: token })).status).toBe(401)
  }
})

test('one purpose is not taken for the other, even with the claims of both', async () => {
  const mail = openMail()
  const person = await logInPerson()
  const claims = { ...decode(await askVerification(mail, person)).claims, username: person.username }
  expect((await reset(mail, await resign({}, claims))).status).toBe(401)
  expect((await verify(mail, await resign({ purpose: 'password-reset' }, claims))).status).toBe(401)
  expect((await verify(mail, await resign({}, claims))).status).toBe(200)
})

describe('is refused', () => {
  test.each([
    {
      what: 'without a signature',
      make: (header: object, claims: object) => assemble({ ...header, alg: 'none' }, claims),
    },
    {
      what: 'with another algorithm',
      make: (header: object, claims: object) => assemble({ ...header, alg: 'HS512' }, claims, 'x'),
    },
    {
      what: 'with a kid that no key has',
      make: (header: object, claims: object) => assemble({ ...header, kid: 'x' }, claims, 'x'),
    },
  ])('a proof $what [V9.1.2]', async ({ make }) => {
    const { mail, header, claims } = await prepare()
    expect((await reset(mail, make(header, claims))).status).toBe(401)
  })

  test.each([
    { gen: undefined },
    { gen: '1' },
    { sub: undefined },
    { email: null },
    { username: undefined },
    { purpose: undefined },
    { purpose: 'email-verification' },
    { exp: undefined },
    { exp: 1e12 },
    { iat: 1e12, exp: 1e12 },
    { sub: 'nobody' },
    { email: 'somebody@else.example' },
  ])('a proof of ours with %j', async (change) => {
    const { mail, claims } = await prepare()
    expect((await reset(mail, await resign(change, claims))).status).toBe(401)
  })
})

test('a lower MAIL_PROOF_SECONDS ends older proofs at once', async () => {
  const { token, mail } = await prepare()
  const shorter = { ...mail, settings: { ...mail.settings, MAIL_PROOF_SECONDS: '60' } }
  expect((await reset(shorter, token)).status).toBe(401)
  expect((await reset(mail, token)).status).toBe(200)
})

test('a proof outlives the rotation of the refresh key for as long as that verifies [V11.2.2]', async () => {
  const [old, next] = [toEntry(newSecret(), 'old'), await newKey('HS256', 'next')]
  const mail = openMail({ REFRESH_TOKEN_KEY: setOf(old) })
  const token = await askReset(mail, (await registerPerson()).email)
  const withKeys = (REFRESH_TOKEN_KEY: string) => ({ ...mail, settings: { ...mail.settings, REFRESH_TOKEN_KEY } })
  expect((await reset(withKeys(setOf(next)), token)).status).toBe(401)
  expect((await reset(withKeys(setOf(next, old)), token)).status).toBe(200)
})
