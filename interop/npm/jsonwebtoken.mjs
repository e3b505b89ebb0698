// npm: jsonwebtoken jwks-rsa
import jwt from 'jsonwebtoken'
import jwksClient from 'jwks-rsa' // key set

const key = '$SECRET' // secret
const key = Buffer.from('$K', 'base64url') // JWK
const keys = jwksClient({ jwksUri: '$KEY_SET' }) // key set
const { header } = jwt.decode('$TOKEN', { complete: true }) // key set
const key = (await keys.getSigningKey(header.kid)).getPublicKey() // key set
const payload = jwt.verify('$TOKEN', key, {
  algorithms: ['$ALG'], // option
  issuer: '$ISSUER', // option
  audience: '$AUDIENCE', // option
})
console.log(payload.sub, payload.gen)
