// npm: hono @hono/node-server
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'

const secret = '$SECRET' // secret
const secret = { kty: 'oct', k: '$K' } // JWK
const verify = jwt({
  secret,
  alg: '$ALG',
  verification: {
    iss: '$ISSUER', // option
    aud: '$AUDIENCE', // option
    iat: false, // option
  },
})
const app = new Hono().get('/', verify, (c) => c.text(`${c.var.jwtPayload.sub} ${c.var.jwtPayload.gen}`))
serve({ fetch: app.fetch, port: $PORT })
