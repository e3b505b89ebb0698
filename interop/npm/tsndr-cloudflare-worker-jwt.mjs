// npm: @tsndr/cloudflare-worker-jwt
import jwt from '@tsndr/cloudflare-worker-jwt'

const key = '$SECRET' // secret
const key = { kty: 'oct', k: '$K' } // JWK
const { keys } = await (await fetch('$KEY_SET')).json() // key set
const { kid } = jwt.decode('$TOKEN').header // key set
const key = keys.find((jwk) => jwk.kid === kid) // key set
const { payload } = await jwt.verify('$TOKEN', key, {
  throwError: true,
  algorithm: '$ALG', // option
})
console.log(payload.sub, payload.gen)
