# Debian: python3-jwcrypto python3-requests
import json
import requests
from jwcrypto import jwk, jwt

key = jwk.JWK.from_password('$SECRET') # secret
key = jwk.JWK(kty='oct', k='$K') # JWK
key = jwk.JWKSet.from_json(requests.get('$KEY_SET').text) # key set
checks = {
    'exp': None,
    'iss': '$ISSUER', # option
    'aud': '$AUDIENCE', # option
}
token = jwt.JWT(jwt='$TOKEN', key=key, algs=['$ALG'], check_claims=checks)
payload = json.loads(token.claims)
print(payload['sub'], payload['gen'])
