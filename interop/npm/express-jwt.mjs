// npm: express-jwt jwks-rsa
import express from 'express'
import { expressjwt } from 'express-jwt'
import jwksRsa from 'jwks-rsa' // key set

const secret = '$SECRET' // secret
const secret = Buffer.from('$K', 'base64url') // JWK
const secret = jwksRsa.expressJwtSecret({ jwksUri: '$KEY_SET' }) // key set
const verify = expressjwt({
  secret,
  algorithms: ['$ALG'],
  issuer: '$ISSUER', // option
  audience: '$AUDIENCE', // option
})
express()
  .get('/', verify, ({ auth }, response) => response.send(`${auth.sub} ${auth.gen}`))
  .listen($PORT)
