/** Access tokens that were verified before: what is remembered of them, and what is asked again each time. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { importTokenKinds, type TokenKinds } from '../../src/auth/keys.ts'
import { openSession, verifyAccessToken } from '../../src/auth/tokens.ts'
import { loadConfig } from '../../src/config.ts'
import { newSecret, respell } from '../support/keys.ts'

const now = 1_800_000_000
const subject = { id: '5c61ed848d891bd9e8016898', username: 'walter', generation: 1 }

const makeKinds = (settings: Record<string, string> = {}) =>
  importTokenKinds(
    loadConfig({
      DATABASE_URL: 'postgres://u:p@localhost/x',
      ACCESS_TOKEN_KEY: newSecret(),
      REFRESH_TOKEN_KEY: newSecret(),
      ...settings,
    }),
  )
const issue = async (kinds: TokenKinds) => (await openSession(kinds, subject, now)).access_token

let kinds: TokenKinds
let token: string

beforeEach(async () => {
  kinds = await makeKinds()
  token = await issue(kinds)
})

test('succeeds without another look at the signature', async () => {
  const claims = await verifyAccessToken(kinds, token, now)
  const verify = vi.spyOn(crypto.subtle, 'verify')
  expect(await verifyAccessToken(kinds, token, now)).toEqual(claims)
  expect(verify).not.toHaveBeenCalled()
})

describe('rejects a token that it remembers', () => {
  test.each([
    ['when it has expired', now + 300],
    ['when it was issued too far ahead', now - 61],
  ])('%s [V9.2.1]', async (_, then) => {
    expect(await verifyAccessToken(kinds, token, now)).not.toBeNull()
    expect(await verifyAccessToken(kinds, token, then)).toBeNull()
  })

  test('with any other signature [V9.1.1]', async () => {
    expect(await verifyAccessToken(kinds, token, now)).not.toBeNull()
    const forged = token.slice(0, -5) + (token.at(-5) === 'A' ? 'B' : 'A') + token.slice(-4)
    expect(await verifyAccessToken(kinds, forged, now)).toBeNull()
    expect(await verifyAccessToken(kinds, `${respell(token)}A`, now)).toBeNull()
  })

  test('with any other key, lifetime or issuer [V9.1.3]', async () => {
    const keys = { ACCESS_TOKEN_KEY: newSecret(), REFRESH_TOKEN_KEY: newSecret() }
    const before = await makeKinds(keys)
    const issued = await issue(before)
    expect(await verifyAccessToken(before, issued, now)).not.toBeNull()
    for (const settings of [
      {},
      { ...keys, ACCESS_TOKEN_SECONDS: '299' },
      { ...keys, TOKEN_ISSUER: 'https://x.example' },
    ]) {
      const after = await makeKinds(settings)
      // It has a memory of its own by then.
      expect(await verifyAccessToken(after, await issue(after), now)).not.toBeNull()
      expect(await verifyAccessToken(after, issued, now)).toBeNull()
    }
  })
})

test('protects its memory: the oldest is forgotten, and nothing refused is kept', async () => {
  await verifyAccessToken(kinds, token, now)
  for (let made = 0; made < 1_000; made++) await verifyAccessToken(kinds, `${token}${made}`, now)
  const verify = vi.spyOn(crypto.subtle, 'verify')
  await verifyAccessToken(kinds, token, now)
  expect(verify).not.toHaveBeenCalled()
  for (let issued = 0; issued < 1_000; issued++) await verifyAccessToken(kinds, await issue(kinds), now)
  verify.mockClear()
  expect(await verifyAccessToken(kinds, token, now)).not.toBeNull()
  expect(verify).toHaveBeenCalledOnce()
})
