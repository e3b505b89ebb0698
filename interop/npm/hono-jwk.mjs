// npm: hono @hono/node-server
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwk } from 'hono/jwk'

const verify = jwk({
  jwks_uri: '$KEY_SET', // key set
  alg: ['$ALG'],
  verification: {
    iss: '$ISSUER', // option
    aud: '$AUDIENCE', // option
    iat: false, // option
  },
})
const app = new Hono().get('/', verify, (c) => c.text(`${c.var.jwtPayload.sub} ${c.var.jwtPayload.gen}`))
serve({ fetch: app.fetch, port: $PORT })
