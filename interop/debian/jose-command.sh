# Debian: jose curl jq
echo '{"kty":"oct","alg":"HS256","k":"$K"}' > keys.json # JWK
curl -s '$KEY_SET' > keys.json # key set
printf %s '$TOKEN' | jose jws ver -i- -k keys.json -O payload.json
jq -er 'select(.exp > now) | "\(.sub) \(.gen)"' payload.json
