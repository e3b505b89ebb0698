# Debian: ruby-jwt ruby
require 'json'
require 'jwt'
require 'net/http'

key = '$SECRET' # secret
key = Base64.urlsafe_decode64('$K') # JWK
jwks = JSON.parse(Net::HTTP.get(URI('$KEY_SET'))) # key set
options = {
  algorithms: ['$ALG'],
  jwks: jwks, # key set
  iss: '$ISSUER', verify_iss: true, # option
  aud: '$AUDIENCE', verify_aud: true, # option
}
payload, = JWT.decode('$TOKEN', key, true, options) # secret, JWK
payload, = JWT.decode('$TOKEN', nil, true, options) # key set
puts "#{payload['sub']} #{payload['gen']}"
