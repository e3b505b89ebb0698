// npm: passport-jwt jwks-rsa
import express from 'express'
import jwksRsa from 'jwks-rsa' // key set
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

const options = {
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKey: '$SECRET', // secret
  secretOrKey: Buffer.from('$K', 'base64url'), // JWK
  secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri: '$KEY_SET' }), // key set
  algorithms: ['$ALG'], // option
  issuer: '$ISSUER', // option
  audience: '$AUDIENCE', // option
}
passport.use(new Strategy(options, (payload, done) => done(null, payload)))
express()
  .get('/', passport.authenticate('jwt', { session: false }), ({ user }, response) => response.send(`${user.sub} ${user.gen}`))
  .listen($PORT)
