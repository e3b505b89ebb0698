// npm: jose
import { createRemoteJWKSet, jwtVerify } from 'jose'

const key = Buffer.from('$SECRET') // secret
const key = Buffer.from('$K', 'base64url') // JWK
const key = createRemoteJWKSet(new URL('$KEY_SET')) // key set
const { payload } = await jwtVerify('$TOKEN', key, {
  algorithms: ['$ALG'],
  issuer: '$ISSUER', // option
  audience: '$AUDIENCE', // option
})
console.log(payload.sub, payload.gen)
