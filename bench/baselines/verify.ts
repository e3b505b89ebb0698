/** The baseline of a token check: a Hono app that reads the JSON and calls jose's `jwtVerify`, and nothing else. */
import { Hono } from 'hono'
import { jwtVerify } from 'jose'

const app = new Hono<{ Bindings: { ACCESS_TOKEN_KEY: string } }>()

let key: Promise<CryptoKey> | undefined

app.post('/verify-token', async (c) => {
  const { access_token } = await c.req.json()
  key ??= importKey(c.env.ACCESS_TOKEN_KEY)
  await jwtVerify(access_token, await key)
  return c.json({ message: 'Token Valid. User Authorized', status: 200 })
})

function importKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['verify'])
}

export default app
