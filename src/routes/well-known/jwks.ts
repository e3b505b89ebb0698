import { accepts } from 'hono/accepts'
import { PUBLISHED_SECONDS } from '../../auth/keys.ts'
import { createRouter } from '../../context.ts'
import type { JwksResponse } from '../../schemas/responses.ts'

/** The type for everybody, and the one of a set (RFC 7517, section 8.5.1) for those who ask for it. */
const TYPES = ['application/json', 'application/jwk-set+json']

/** `GET /.well-known/jwks.json`: no statement. The public access keys, for services that verify tokens themselves. */
export const jwks = createRouter().get('/.well-known/jwks.json', (c) => {
  c.header('Vary', 'Accept', { append: true })
  return c.json<JwksResponse, 200>({ keys: c.get('services').tokens.publicKeys }, 200, {
    'Content-Type': accepts(c, { header: 'Accept', supports: TYPES, default: 'application/json' }),
    'Cache-Control': `public, max-age=${PUBLISHED_SECONDS}`,
  })
})
