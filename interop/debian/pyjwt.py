# Debian: python3-jwt python3-cryptography
import base64
import jwt

key = '$SECRET' # secret
key = base64.urlsafe_b64decode('$K' + '==') # JWK
key = jwt.PyJWKClient('$KEY_SET').get_signing_key_from_jwt('$TOKEN').key # key set
payload = jwt.decode(
    '$TOKEN',
    key,
    algorithms=['$ALG'],
    issuer='$ISSUER', # option
    audience='$AUDIENCE', # option
    leeway=60, # option
)
print(payload['sub'], payload['gen'])
