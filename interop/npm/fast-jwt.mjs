// npm: fast-jwt get-jwks
import { createVerifier } from 'fast-jwt'
import buildGetJwks from 'get-jwks' // key set

const key = '$SECRET' // secret
const key = Buffer.from('$K', 'base64url') // JWK
const jwks = buildGetJwks() // key set
const key = ({ header }) => jwks.getPublicKey({ ...header, domain: '$SERVICE' }) // key set
const verify = createVerifier({
  key,
  allowedIss: '$ISSUER', // option
  allowedAud: '$AUDIENCE', // option
})
const payload = await verify('$TOKEN')
console.log(payload.sub, payload.gen)
