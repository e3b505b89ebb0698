import type { Context } from 'hono'
import { PUBLISHED_SECONDS } from '../../auth/keys.ts'
import { type AppEnv, createRouter } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { DiscoveryResponse } from '../../schemas/responses.ts'
import { appendPath, isBaseUrl } from '../../settings/urls.ts'

/**
 * `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server` (RFC 8414): no statement.
 * They lead clients that know the issuer alone to the published keys.
 */
export const discovery = createRouter()
  .get('/.well-known/openid-configuration', describeIssuer)
  .get('/.well-known/oauth-authorization-server', describeIssuer)

function describeIssuer(c: Context<AppEnv>) {
  const { config, tokens } = c.get('services')
  const { issuer } = config
  if (issuer === undefined || !isIssuer(issuer) || tokens.access.signing.alg === 'HS256')
    throw new ApiError('not_found')
  const metadata: DiscoveryResponse = {
    issuer,
    // The host of the request may be anything, and caches keep the answer: only the setting can be trusted.
    jwks_uri: appendPath(issuer, '/.well-known/jwks.json'),
    // There is no flow of OAuth here. Without the second list, clients would assume two.
    response_types_supported: [],
    grant_types_supported: [],
    subject_types_supported: ['public'],
    // No ID tokens are issued. Clients take from here the algorithms that they accept.
    id_token_signing_alg_values_supported: [...new Set(tokens.publicKeys.map(({ alg }) => alg))],
  }
  return c.json(metadata, 200, { 'Cache-Control': `public, max-age=${PUBLISHED_SECONDS}` })
}

/** Says whether a text is an issuer as RFC 8414, section 2, has it. */
function isIssuer(text: string): boolean {
  return isBaseUrl(text) && URL.parse(text)?.protocol === 'https:'
}
