// npm: node-jose
import jose from 'node-jose'

const k = Buffer.from('$SECRET').toString('base64url') // secret
const keys = await jose.JWK.asKey({ kty: 'oct', k }) // secret
const keys = await jose.JWK.asKey({ kty: 'oct', k: '$K' }) // JWK
const keys = await jose.JWK.asKeyStore(await (await fetch('$KEY_SET')).json()) // key set
const { payload } = await jose.JWS.createVerify(keys).verify('$TOKEN')
const { sub, gen, exp } = JSON.parse(payload)
if (exp < Date.now() / 1000) throw new Error('expired')
console.log(sub, gen)
