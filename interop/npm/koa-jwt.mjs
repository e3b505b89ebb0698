// npm: koa-jwt jwks-rsa
import jwksRsa from 'jwks-rsa' // key set
import Koa from 'koa'
import jwt from 'koa-jwt'

const secret = '$SECRET' // secret
const secret = Buffer.from('$K', 'base64url') // JWK
const secret = jwksRsa.koaJwtSecret({ jwksUri: '$KEY_SET' }) // key set
const verify = jwt({
  secret,
  algorithms: ['$ALG'], // option
  issuer: '$ISSUER', // option
  audience: '$AUDIENCE', // option
})
new Koa()
  .use(verify)
  .use(({ state: { user }, response }) => (response.body = `${user.sub} ${user.gen}`))
  .listen($PORT)
