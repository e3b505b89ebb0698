#!/bin/sh
# José (the command jose) 11, packages jose and libjose0 11-2+deb12u1 of Debian 12, and libjansson4.
#
# A token that comes from curl, echo or jq ends with a line break. José's command reads it as a part of the signature, and
# refuses the token as if it were forged. It signs without a line break, so its own output goes back into it. Seen:
#
#   as jose wrote it: verifies
#   with a line break: Signature validation failed!
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -qq jose=11-2+deb12u1 libjose0=11-2+deb12u1 libjansson4 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" .; done
LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
jose() { "$folder/usr/bin/jose" "$@"; }

jose jwk gen -i '{"alg":"ES256"}' -o key.jwk
printf '{"sub":"jane"}' | jose jws sig -I- -k key.jwk -c -o token
{ cat token; echo; } > token-and-line-break
verify() { jose jws ver -i "$1" -k key.jwk 2>&1 && echo verifies; }
seen="as jose wrote it: $(verify token)
with a line break: $(verify token-and-line-break || true)"
echo "$seen"
test "$seen" = 'as jose wrote it: verifies
with a line break: Signature validation failed!'
