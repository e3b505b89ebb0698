// npm: express-oauth2-jwt-bearer
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'

const verify = auth({
  secret: '$SECRET', // secret
  secret: Buffer.from('$K', 'base64url'), // JWK
  tokenSigningAlg: '$ALG', // secret, JWK
  jwksUri: '$KEY_SET', // key set
  issuer: '$ISSUER',
  audience: '$AUDIENCE',
  validators: { iss: false, aud: false }, // option, no claims
})
express()
  .get('/', verify, ({ auth: { payload } }, response) => response.send(`${payload.sub} ${payload.gen}`))
  .listen($PORT)
