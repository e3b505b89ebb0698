// npm: @fastify/jwt get-jwks
import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import buildGetJwks from 'get-jwks' // key set

const secret = '$SECRET' // secret
const secret = Buffer.from('$K', 'base64url') // JWK
const jwks = buildGetJwks() // key set
const secret = (_, { header }) => jwks.getPublicKey({ ...header, domain: '$SERVICE' }) // key set
const app = Fastify()
app.register(fastifyJwt, {
  secret,
  decode: { complete: true }, // key set
  verify: {
    allowedIss: '$ISSUER', // option
    allowedAud: '$AUDIENCE', // option
  },
})
app.get('/', async (request) => {
  const { sub, gen } = await request.jwtVerify()
  return `${sub} ${gen}`
})
await app.listen({ port: $PORT })
