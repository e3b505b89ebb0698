import { createRouter } from '../../context.ts'
import type { JwksResponse } from '../../schemas/responses.ts'

/** How long others may keep the set. So a new key must be published this long before it signs. */
const MAX_AGE_SECONDS = 300

/** `GET /.well-known/jwks.json`: no statement. The public access keys, for services that verify tokens themselves. */
export const jwks = createRouter().get('/.well-known/jwks.json', (c) =>
  c.json<JwksResponse, 200>({ keys: c.get('services').tokens.publicKeys }, 200, {
    'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
  }),
)
