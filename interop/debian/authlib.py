# Debian: python3-authlib python3-requests
import requests
from authlib.jose import JsonWebKey, JsonWebToken

key = '$SECRET' # secret
key = JsonWebKey.import_key({'kty': 'oct', 'k': '$K'}) # JWK
key = JsonWebKey.import_key_set(requests.get('$KEY_SET').json()) # key set
options = {
    'iss': {'value': '$ISSUER'}, # option
    'aud': {'value': '$AUDIENCE'}, # option
}
claims = JsonWebToken(['$ALG']).decode('$TOKEN', key, claims_options=options)
claims.validate()
print(claims['sub'], claims['gen'])
