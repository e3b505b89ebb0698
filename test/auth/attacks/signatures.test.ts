import { env } from 'cloudflare:workers'
import { base64url } from 'jose'
import { describe, expect, test } from 'vitest'
import { importTokenKinds } from '../../../src/auth/keys.ts'
import { verifyAccessToken } from '../../../src/auth/tokens.ts'
import { loadConfig } from '../../../src/config.ts'
import { expectRefused, setUp } from '../../support/attack.ts'
import { respell } from '../../support/keys.ts'
import { logIn } from '../../support/people.ts'

/** The orders of P-256 and Ed25519. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const L = 2n ** 252n + 27742317777372353535851937790883648493n

const zero = new Uint8Array(32)
const one = zero.with(31, 1)

const toBigInt = (bytes: Uint8Array) => bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n)
const toBytes = (number: bigint) => zero.map((_, at) => Number((number >> BigInt(8 * (31 - at))) & 255n))
const join = (...parts: (Uint8Array | number[])[]) => new Uint8Array(parts.flatMap((part) => [...part]))

/** A positive INTEGER of ASN.1. */
function toDerInteger(bytes: Uint8Array): number[] {
  const digits = [...bytes.slice(bytes.findIndex((byte) => byte !== 0))]
  const content = (digits[0] ?? 0) > 127 ? [0, ...digits] : digits
  return [2, content.length, ...content]
}

/** Makes a genuine token, and returns the two halves of its signature and functions that try other signatures. */
async function takeApart(alg: 'ES256' | 'EdDSA') {
  const { accessToken, settings, ...rest } = await setUp(alg)
  const cut = accessToken.lastIndexOf('.') + 1
  const signature = base64url.decode(accessToken.slice(cut))
  const withSignature = (bytes: Uint8Array) => accessToken.slice(0, cut) + base64url.encode(bytes)
  const refuse = (bytes: Uint8Array) => expectRefused(withSignature(bytes), settings)
  return { ...rest, accessToken, settings, withSignature, refuse, a: signature.slice(0, 32), b: signature.slice(32) }
}

/** Returns the claims that the service takes from a token, or null. */
async function read(token: string, settings: Record<string, string>) {
  const kinds = await importTokenKinds(loadConfig({ ...env, ...settings }))
  return verifyAccessToken(kinds, token, Math.floor(Date.now() / 1000))
}

describe('[V9.1.1] [RFC 8725 3.3] an ES256 signature', () => {
  test('rejects r and s of zero, which flawed implementations take for any message (CVE-2022-21449)', async () => {
    const { a: r, b: s, refuse } = await takeApart('ES256')
    for (const bytes of [join(zero, zero), join(zero, s), join(r, zero), join(zero, one), join(one, zero)]) {
      await refuse(bytes)
    }
  })

  test('rejects r and s out of range', async () => {
    const { a: r, b: s, refuse } = await takeApart('ES256')
    const [order, most] = [toBytes(N), new Uint8Array(32).fill(255)]
    for (const bytes of [join(order, order), join(order, s), join(r, order), join(most, most), join(one, one)]) {
      await refuse(bytes)
    }
  })

  test('rejects another format or length', async () => {
    const { a: r, b: s, refuse } = await takeApart('ES256')
    const integers = [...toDerInteger(r), ...toDerInteger(s)]
    for (const bytes of [
      join([0x30, integers.length], integers),
      join(r),
      join(r, s.slice(0, 31)),
      join(r, s, [0]),
      join([0], r, s),
      join([0, 0], r, [0, 0], s),
      join(r, s, r, s),
      join(s, r),
      join(),
    ]) {
      await refuse(bytes)
    }
  })
})

describe('[V9.1.1] [RFC 8725 3.3] an EdDSA signature', () => {
  test('rejects R and S of zero or of small order', async () => {
    const { a: R, b: S, refuse } = await takeApart('EdDSA')
    const identity = zero.with(0, 1)
    for (const bytes of [join(zero, zero), join(identity, zero), join(R, zero), join(zero, S), join(identity, S)]) {
      await refuse(bytes)
    }
  })

  test('rejects S plus the order of the curve, which is the same number (RFC 8032, section 8.4)', async () => {
    const { a: R, b: S, refuse } = await takeApart('EdDSA')
    await refuse(join(R, toBytes(toBigInt(S.toReversed()) + L).toReversed()))
  })

  test('rejects another length or order', async () => {
    const { a: R, b: S, refuse } = await takeApart('EdDSA')
    for (const bytes of [join(R), join(R, S.slice(0, 31)), join(R, S, [0]), join(R, S, R, S), join(S, R), join()]) {
      await refuse(bytes)
    }
  })
})

describe.each(['ES256', 'EdDSA'] as const)('an %s signature', (alg) => {
  test('[V9.1.1] is refused from another token, and with a changed bit in any byte', async () => {
    const { a, b, refuse, withSignature, ...other } = await takeApart(alg)
    const elsewhere = (await setUp(alg)).accessToken.split('.')[2] ?? ''
    await refuse(base64url.decode(elsewhere))
    const signature = join(a, b)
    for (const at of signature.keys()) await refuse(signature.with(at, (signature[at] ?? 0) ^ (1 << (at % 8))))
    expect(await read(other.accessToken, other.settings)).toEqual(other.claims)
  })

  test('is good in another spelling too, so nothing may compare the text of tokens', async () => {
    const { a, b, accessToken, claims, settings, withSignature } = await takeApart(alg)
    const spellings = [respell(accessToken)]
    if (alg === 'ES256') spellings.push(withSignature(join(a, toBytes(N - toBigInt(b)))))
    for (const spelling of spellings) {
      expect(spelling).not.toBe(accessToken)
      expect(await read(spelling, settings)).toEqual(claims)
    }
    const others = [`${accessToken}=`, `${accessToken}==`, `${accessToken}\n`, ` ${accessToken}`]
    expect(await Promise.all(others.map((spelling) => read(spelling, settings)))).toEqual([null, null, null, null])
  })

  test('is refused with parts of another genuine token', async () => {
    const { accessToken, settings, person } = await setUp(alg)
    const another = await logIn(person, settings)
    const [head = '', payload = '', signature = ''] = accessToken.split('.')
    const [, otherPayload = '', otherSignature = ''] = another.accessToken.split('.')
    expect(otherPayload).not.toBe(payload)
    await expectRefused([head, otherPayload, signature].join('.'), settings)
    await expectRefused([head, payload, otherSignature].join('.'), settings)
  })
})
