import { base64url, CompactSign, EncryptJWT, FlattenedSign } from 'jose'
import { describe, expect, test } from 'vitest'
import { expectRefused, setUp, signBytes, verify } from '../../support/attack.ts'
import { post } from '../../support/client.ts'
import { assemble, forge } from '../../support/tokens.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe.each(['ES256', 'EdDSA'] as const)('with an %s key', (alg) => {
  test('rejects critical headers and unencoded payloads, signed with our own key', async () => {
    const { header, claims, privateKey, settings } = await setUp(alg)
    const payload = JSON.stringify(claims)
    for (const member of [
      { crit: ['exp'], exp: 1 },
      { crit: ['https://example.com/UNDEFINED'], 'https://example.com/UNDEFINED': true },
      { crit: ['alg'] },
      { crit: [] },
      { crit: 'exp', exp: 1 },
      { crit: ['exp'] },
      { crit: ['b64'], b64: true },
      { crit: ['b64'], b64: false },
    ]) {
      const token = await signBytes(JSON.stringify({ ...header, ...member }), payload, privateKey)
      expect({ member, status: await verify(token, settings) }).toEqual({ member, status: 401 })
    }
    const unencoded = await new FlattenedSign(bytesOf(payload))
      .setProtectedHeader({ ...header, alg, b64: false, crit: ['b64'] })
      .sign(privateKey)
    await expectRefused(`${unencoded.protected}.${payload}.${unencoded.signature}`, settings)
    await expectRefused(`${unencoded.protected}.${base64url.encode(payload)}.${unencoded.signature}`, settings)
  })

  test('[RFC 8725 2.3] [RFC 8725 2.4] [RFC 8725 2.5] [RFC 8725 3.6] rejects tokens that are encrypted, compressed or nested', async () => {
    const { key, header, claims, privateKey, accessToken, settings } = await setUp(alg)
    const secret = base64url.decode(key.x ?? '')
    const encrypted = new EncryptJWT(claims).setProtectedHeader({ ...header, alg: 'dir', enc: 'A256GCM' })
    await expectRefused(await encrypted.encrypt(secret), settings)
    const offCurve = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }
    for (const member of [
      { alg: 'ECDH-ES', enc: 'A128GCM', epk: offCurve },
      { alg: 'dir', enc: 'A128GCM', zip: 'DEF' },
    ]) {
      await expectRefused(`${assemble({ ...header, ...member }, '', 'AAAA.AAAA')}.AAAA`, settings)
    }
    const nested = new CompactSign(bytesOf(accessToken)).setProtectedHeader({ ...header, alg, cty: 'JWT' })
    await expectRefused(await nested.sign(privateKey), settings)
  })

  test('[RFC 8725 2.6] [RFC 8725 3.7] rejects JSON in another encoding than UTF-8, signed with our own key', async () => {
    const { header, claims, privateKey, settings } = await setUp(alg)
    const [head, payload] = [JSON.stringify(header), JSON.stringify(claims)]
    const widen = (text: string, width: number) =>
      new Uint8Array([...text].flatMap((c) => [c.charCodeAt(0), ...Array(width - 1).fill(0)]))
    for (const width of [2, 4]) {
      await expectRefused(await signBytes(widen(head, width), payload, privateKey), settings)
      await expectRefused(await signBytes(head, widen(payload, width), privateKey), settings)
    }
    const latin1 = bytesOf(payload).with(payload.indexOf('person'), 0xe9)
    await expectRefused(await signBytes(head, latin1, privateKey), settings)
  })

  test('[RFC 8725 2.7] [RFC 8725 3.8] [RFC 8725 3.9] rejects a token of another issuer or for another audience that the same key signed', async () => {
    const { header, claims, privateKey, settings } = await setUp(alg)
    const strict = { ...settings, TOKEN_ISSUER: 'https://users.example', TOKEN_AUDIENCE: 'shop' }
    const ours = { ...claims, iss: 'https://users.example', aud: 'shop' }
    expect(await verify(await forge(header, ours, privateKey), strict)).toBe(200)
    for (const change of [
      { iss: undefined },
      { iss: 'https://users.example/' },
      { iss: ['https://users.example'] },
      { aud: undefined },
      { aud: 'Shop' },
      { aud: ['other'] },
      { aud: '' },
    ]) {
      await expectRefused(await forge(header, { ...ours, ...change }, privateKey), strict)
    }
  })

  test('[V9.2.2] [RFC 8725 2.8] [RFC 8725 3.11] rejects another type of token that our own key signed', async () => {
    const { header, claims, privateKey, settings } = await setUp(alg)
    for (const typ of ['at+jwt', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 'JWE', '', undefined, null, 1]) {
      await expectRefused(
        await signBytes(JSON.stringify({ ...header, typ }), JSON.stringify(claims), privateKey),
        settings,
      )
    }
  })

  test('rejects an oversized token, and does not read one beyond the limit of a body', async () => {
    const { header, claims, accessToken, settings } = await setUp(alg)
    const [head = '', payload = '', signature = ''] = accessToken.split('.')
    const room = 16 * 1024 - JSON.stringify({ access_token: '' }).length
    const fill = (rest: string, size = room) => 'A'.repeat(size - rest.length)
    const [withSignature, withPayload] = [`${head}.${payload}.`, `${head}..${signature}`]
    for (const token of [
      withSignature + fill(withSignature),
      `${head}.${fill(withPayload)}.${signature}`,
      '.'.repeat(room),
      assemble({ ...header, kid: 'k'.repeat(12_000) }, {}, signature),
      assemble(`${'['.repeat(6_000)}${']'.repeat(6_000)}`, claims, signature),
    ]) {
      await expectRefused(token, settings)
    }
    const { status, text } = await post('/verify-token', { access_token: fill('', room + 1) }, { settings })
    expect([status, text]).toEqual([413, '{"message":"Body is too large","status":413}'])
  })
})
