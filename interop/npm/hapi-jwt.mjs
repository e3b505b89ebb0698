// npm: @hapi/jwt
import Hapi from '@hapi/hapi'
import jwt from '@hapi/jwt'

const keys = '$SECRET' // secret
const keys = Buffer.from('$K', 'base64url') // JWK
const keys = { uri: '$KEY_SET' } // key set
const server = Hapi.server({ port: $PORT })
await server.register(jwt)
server.auth.strategy('acme', 'jwt', {
  keys,
  verify: {
    sub: false,
    iss: false, // no claims
    aud: false, // no claims
    iss: '$ISSUER', // claims
    aud: '$AUDIENCE', // claims
  },
  validate: ({ decoded }) => ({ isValid: true, credentials: decoded.payload }),
})
server.route({ path: '/', method: 'GET', options: { auth: 'acme' }, handler: ({ auth: { credentials: user } }) => `${user.sub} ${user.gen}` })
await server.start()
