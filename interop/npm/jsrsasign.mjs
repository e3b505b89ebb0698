// npm: jsrsasign
import { KEYUTIL, KJUR } from 'jsrsasign'

const key = { utf8: '$SECRET' } // secret
const key = { b64u: '$K' } // JWK
const { keys } = await (await fetch('$KEY_SET')).json() // key set
const { kid } = KJUR.jws.JWS.parse('$TOKEN').headerObj // key set
const key = KEYUTIL.getKey(keys.find((jwk) => jwk.kid === kid)) // key set
const valid = KJUR.jws.JWS.verifyJWT('$TOKEN', key, {
  alg: ['$ALG'],
  iss: ['$ISSUER'], // option
  aud: ['$AUDIENCE'], // option
  gracePeriod: 60, // option
})
if (!valid) throw new Error('not valid')
const { payloadObj } = KJUR.jws.JWS.parse('$TOKEN')
console.log(payloadObj.sub, payloadObj.gen)
