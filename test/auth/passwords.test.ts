import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '../../src/auth/passwords.ts'

const password = 'correct horse battery staple'
const salt = 'AAECAwQFBgcICQoLDA0ODw'
const costs = (current: number) => ({ current, largest: current })
const verify = async (given: string, stored: string) => (await verifyPassword(given, stored, costs(1_000))).valid

/** Computes the chain of PBKDF2 (RFC 8018) that the stored form describes, apart from the code under test. */
async function derive(given: string, salt: string, iterations: number, links: number): Promise<string> {
  let bytes: ArrayBuffer | Uint8Array = new TextEncoder().encode(given)
  for (let link = 0; link < links; link++) {
    const key = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits'])
    const parameters = {
      name: 'PBKDF2',
      hash: 'SHA-256',
      iterations,
      salt: Uint8Array.from(atob(salt), (c) => c.charCodeAt(0)),
    }
    bytes = await crypto.subtle.deriveBits(parameters, key, 256)
  }
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace('=', '')
}

test.each([
  [1_000, 1_000, 1],
  [50_000, 50_000, 1],
  [50_001, 25_001, 2],
  [100_000, 50_000, 2],
])(
  'spreads %i iterations over equal links, and the hash is what those give [V11.2.1] [V11.4.2]',
  async (iterations, perLink, links) => {
    const stored = await hashPassword(password, iterations)
    const [, scheme, parameters, salt = '', hash] = stored.split('$')
    expect([scheme, parameters]).toEqual(['pbkdf2-sha256-chain', `i=${perLink},r=${links}`])
    expect(hash).toBe(await derive(password, salt, perLink, links))
  },
)

test('verifies a hash made elsewhere by the same description', async () => {
  expect(
    await verify(password, `$pbkdf2-sha256-chain$i=50000,r=3$${salt}$${await derive(password, salt, 50_000, 3)}`),
  ).toBe(true)
})

test('takes two encodings of one text for one password', async () => {
  expect(await verify('Pa\u030assword', await hashPassword('På\u0073sword', 1_000))).toBe(true)
  expect(await verify('ﬁrst ①', await hashPassword('first 1', 1_000))).toBe(true)
})

test('tells passwords apart that differ after 72 characters [V6.2.8] [V6.2.9]', async () => {
  const long = 'x'.repeat(100)
  const stored = await hashPassword(`${long}a`, 1_000)
  expect(await verify(`${long}a`, stored)).toBe(true)
  expect(await verify(`${long}b`, stored)).toBe(false)
})

test('says when a right password has a hash of another cost [V11.2.2]', async () => {
  const stored = await hashPassword(password, 1_000)
  expect(await verifyPassword(password, stored, costs(1_000))).toEqual({ valid: true, outdated: false })
  expect(await verifyPassword(password, stored, costs(2_000))).toEqual({ valid: true, outdated: true })
  expect(await verifyPassword('wrong', stored, costs(2_000))).toEqual({ valid: false, outdated: false })
})

test.each([
  [999, 1],
  [100_001, 1],
  [100_000, 101],
])('refuses a stored hash of %i iterations in each of %i links, although it is right', async (iterations, links) => {
  const hash = await derive(password, salt, iterations, links)
  expect(await verify(password, `$pbkdf2-sha256-chain$i=${iterations},r=${links}$${salt}$${hash}`)).toBe(false)
})

test.each(['i=0,r=9', 'i=-1000,r=1', 'i=1e4,r=1', 'i=1000', 'i=99999999,r=99999999'])(
  'refuses a stored hash that asks for %s [V16.5.3]',
  async (parameters) => {
    const stored = await hashPassword(password, 1_000)
    expect(await verify(password, stored.replace('i=1000,r=1', parameters))).toBe(false)
  },
)

test.each(['', 'vmware1!', '$pbkdf2-sha256$i=1000,r=1$AAECAwQFBgcICQoLDA0ODw$AAAA', '$2b$10$abcdefghijklmnopqrstuv'])(
  'refuses the stored text %j',
  async (stored) => expect(await verify('vmware1!', stored)).toBe(false),
)
