import { base64url, calculateJwkThumbprint, exportSPKI, importJWK, type JWK } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { expectRefused, setUp, signBytes, toPrivateKey, verify } from '../../support/attack.ts'
import { get } from '../../support/client.ts'
import { newKey, toPublic } from '../../support/keys.ts'
import { assemble, forge } from '../../support/tokens.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** Every form in which people pass a public key on. */
async function spell(jwk: JWK, published: string): Promise<Record<string, Uint8Array>> {
  const half = toPublic(jwk)
  const key = (await importJWK(half, jwk.alg ?? '', { extractable: true })) as CryptoKey
  const pem = await exportSPKI(key)
  const [x, y] = [base64url.decode(jwk.x ?? ''), base64url.decode(jwk.y ?? '')]
  return {
    'JWK text': bytesOf(JSON.stringify(half)),
    'published JWK text': bytesOf(JSON.stringify(JSON.parse(published).keys[0])),
    'published set': bytesOf(published),
    thumbprint: bytesOf(await calculateJwkThumbprint(half)),
    'x as text': bytesOf(jwk.x ?? ''),
    PEM: bytesOf(pem),
    'PEM and line feed': bytesOf(`${pem.trim()}\n`),
    'PEM with CRLF': bytesOf(`${pem.trim().replaceAll('\n', '\r\n')}\r\n`),
    SPKI: new Uint8Array((await crypto.subtle.exportKey('spki', key)) as ArrayBuffer),
    raw: new Uint8Array((await crypto.subtle.exportKey('raw', key)) as ArrayBuffer),
    x,
    'x || y': new Uint8Array([...x, ...y]),
    compressed: new Uint8Array([2 + ((y.at(-1) ?? 0) & 1), ...x]),
  }
}

describe.each(['ES256', 'EdDSA'] as const)('with an %s key', (alg) => {
  test('succeeds with the right key and claims, so that the attacks below fail for their own reason', async () => {
    const { header, claims, privateKey, settings } = await setUp(alg)
    expect(await verify(await forge(header, claims, privateKey), settings)).toBe(200)
    expect(await verify(await signBytes(JSON.stringify(header), JSON.stringify(claims), privateKey), settings)).toBe(
      200,
    )
  })

  test.each(['none', 'None', 'NONE', 'nOnE', ''])(
    '[V9.1.2] [RFC 8725 2.1] rejects the algorithm "%s"',
    async (none) => {
      const { header, claims, accessToken, settings } = await setUp(alg)
      for (const signature of ['', accessToken.split('.')[2], 'AA']) {
        await expectRefused(assemble({ ...header, alg: none }, claims, signature), settings)
      }
      await expectRefused(`${assemble({ ...header, alg: none }, claims).slice(0, -1)}`, settings)
    },
  )

  test('[V9.1.2] [RFC 8725 2.1] rejects HS256 signed with the public key in any of its forms', async () => {
    const { key, hs, header, claims, settings } = await setUp(alg)
    const { text } = await get('/.well-known/jwks.json', { settings })
    for (const [form, secret] of Object.entries(await spell(key, text))) {
      for (const kid of [key.kid, hs.kid, undefined]) {
        const status = await verify(await forge({ ...header, alg: 'HS256', kid }, claims, secret), settings)
        expect({ form, kid, status }).toEqual({ form, kid, status: 401 })
      }
    }
  })

  test('[V9.1.2] [RFC 8725 3.1] rejects every algorithm but that of the key, with any signature', async () => {
    const { key, other, header, claims, accessToken, settings } = await setUp(alg)
    const otherKey = await toPrivateKey(other)
    for (const switched of ['ES256', 'EdDSA', 'Ed25519', 'ES384', 'RS256', 'HS256'].filter((name) => name !== alg)) {
      await expectRefused(assemble({ ...header, alg: switched }, claims, accessToken.split('.')[2]), settings)
    }
    await expectRefused(await forge({ ...header, alg: other.alg, kid: key.kid }, claims, otherKey), settings)
    await expectRefused(
      await signBytes(JSON.stringify({ ...header, alg, kid: key.kid }), JSON.stringify(claims), otherKey),
      settings,
    )
  })

  test('[V9.1.3] rejects a key id that points at another key of the set', async () => {
    const { key, other, hs, header, claims, privateKey, accessToken, settings } = await setUp(alg)
    for (const { kid, alg: otherAlg } of [other, hs]) {
      await expectRefused(await forge({ ...header, kid }, claims, privateKey), settings)
      await expectRefused(assemble({ ...header, kid, alg: otherAlg }, claims, accessToken.split('.')[2]), settings)
    }
    const secret = base64url.decode(hs.k ?? '')
    await expectRefused(await forge({ ...header, alg: 'HS256', kid: key.kid }, claims, secret), settings)
    expect(await verify(await forge({ ...header, alg: 'HS256', kid: hs.kid }, claims, secret), settings)).toBe(200)
  })

  test('[V9.1.3] [RFC 8725 2.9] rejects a key or an address in the token, and fetches nothing', async () => {
    const { header, claims, privateKey, settings } = await setUp(alg)
    const own = await newKey(alg)
    const ownKey = await toPrivateKey(own)
    const fetch = vi.spyOn(globalThis, 'fetch')
    for (const member of [
      { jwk: toPublic(own) },
      { jwk: own },
      { jku: 'https://evil.example/jwks.json' },
      { jku: 'http://169.254.169.254/latest/meta-data' },
      { x5u: 'https://evil.example/cert.pem' },
      { x5c: ['MIIB'] },
      { x5t: 'AAAA', 'x5t#S256': 'AAAA' },
    ]) {
      for (const kid of [header.kid, own.kid, undefined]) {
        await expectRefused(await forge({ ...header, ...member, kid }, claims, ownKey), settings)
      }
      // Our own tokens never have these members. With our signature they mean nothing.
      expect(await verify(await forge({ ...header, ...member }, claims, privateKey), settings)).toBe(200)
    }
    expect(fetch).not.toHaveBeenCalled()
  })

  test.each([
    'https://evil.example/jwks.json',
    '../../../dev/null',
    "' UNION SELECT 'AA==' --",
    'constructor',
    '\0',
    '0',
    { toString: 'a' },
  ])('[RFC 8725 2.9] [RFC 8725 3.10] rejects the key id %j and looks nothing up', async (kid) => {
    const { header, claims, privateKey, settings } = await setUp(alg)
    const fetch = vi.spyOn(globalThis, 'fetch')
    await expectRefused(
      await signBytes(JSON.stringify({ ...header, kid }), JSON.stringify(claims), privateKey),
      settings,
    )
    expect(fetch).not.toHaveBeenCalled()
  })
})
