import { base64url, compactVerify, decodeJwt, decodeProtectedHeader, importJWK, type JWK } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { expectRefused, verify } from '../../support/attack.ts'
import { logInPerson } from '../../support/people.ts'
import { decode, forge } from '../../support/tokens.ts'

const joe = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
/** The claims in `joe`, and a time before they expired. */
const joeClaims = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true }
const joeInTime = (joeClaims.exp - 60) * 1000

/** Examples with a key that may sign access tokens. */
const examples: { name: string; alg: string; jwk: JWK; token: string; payload: string }[] = [
  {
    name: 'RFC 7515, appendix A.1',
    alg: 'HS256',
    jwk: { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow' },
    token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joe}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    payload: '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}',
  },
  {
    name: 'RFC 7515, appendix A.3',
    alg: 'ES256',
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
    },
    token: `eyJhbGciOiJFUzI1NiJ9.${joe}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
    payload: '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}',
  },
  {
    name: 'RFC 8037, appendix A.4',
    alg: 'EdDSA',
    jwk: {
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    },
    token:
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    payload: 'Example of Ed25519 signing',
  },
]

afterEach(() => void vi.useRealTimers())

describe.each(examples)('$name', ({ alg, jwk, token, payload }) => {
  const settings = { ACCESS_TOKEN_KEY: JSON.stringify({ ...jwk, kid: 'rfc' }) }

  test('succeeds as a key: the signature of the example is right, and the service signs with it', async () => {
    const { d, ...half } = jwk
    const verified = await compactVerify(token, await importJWK(half, alg))
    expect(new TextDecoder().decode(verified.payload)).toBe(payload)
    const { accessToken } = await logInPerson(settings)
    expect(decode(accessToken).header).toMatchObject({ alg, kid: 'rfc' })
    expect(await verify(accessToken, settings)).toBe(200)
  })

  test('rejects the example: it names no key', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: joeInTime })
    await expectRefused(token, settings)
  })

  test('rejects its payload under the id of the key, because it lacks the claims of an access token', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: joeInTime })
    await expectRefused(await forge({ alg, kid: 'rfc', typ: 'JWT' }, joeClaims, await importJWK(jwk, alg)), settings)
  })
})

test('RFC 7515, appendices A.5 and E: rejects the unsecured example and the one with a critical header', async () => {
  const unsecured = `eyJhbGciOiJub25lIn0.${joe}.`
  const critical =
    'eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.'
  expect([decodeProtectedHeader(unsecured), decodeJwt(unsecured)]).toEqual([{ alg: 'none' }, joeClaims])
  expect(decodeProtectedHeader(critical)).toEqual({
    alg: 'none',
    crit: ['http://example.com/UNDEFINED'],
    'http://example.com/UNDEFINED': true,
  })
  expect(new TextDecoder().decode(base64url.decode('RkFJTA'))).toBe('FAIL')
  vi.useFakeTimers({ toFake: ['Date'], now: joeInTime })
  for (const { jwk } of examples) {
    const settings = { ACCESS_TOKEN_KEY: JSON.stringify({ ...jwk, kid: 'rfc' }) }
    await expectRefused(unsecured, settings)
    await expectRefused(critical, settings)
  }
})
