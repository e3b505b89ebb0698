// npm: aws-jwt-verify
import { JwtVerifier } from 'aws-jwt-verify'

const verifier = JwtVerifier.create({
  jwksUri: '$KEY_SET', // key set
  issuer: null, // no claims
  audience: null, // no claims
  issuer: '$ISSUER', // claims
  audience: '$AUDIENCE', // claims
})
const payload = await verifier.verify('$TOKEN')
console.log(payload.sub, payload.gen)
