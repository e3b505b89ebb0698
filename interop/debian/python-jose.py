# Debian: python3-jose python3-requests
import requests
from jose import jwt

key = '$SECRET' # secret
key = {'kty': 'oct', 'alg': 'HS256', 'k': '$K'} # JWK
key = requests.get('$KEY_SET').json() # key set
payload = jwt.decode(
    '$TOKEN',
    key,
    algorithms=['$ALG'],
    issuer='$ISSUER', # option
    audience='$AUDIENCE', # option
)
print(payload['sub'], payload['gen'])
