#!/bin/sh
# pg-connection-string 2.14.1 (behind pg 8.23.1), Node 20 or newer.
#
# Since PostgreSQL 16 sslrootcert=system is libpq's word for the authorities of the machine, and hosted databases put it
# into the connection strings that they show. This package takes it for the name of a file, so such a string does not
# even parse, not with uselibpqcompat=true either. Seen:
#
#   sslrootcert=system: ENOENT: no such file or directory, open 'system'
#   with uselibpqcompat: ENOENT: no such file or directory, open 'system'
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pg-connection-string@2.14.1
cat > run.mjs <<'JS'
import { parse } from 'pg-connection-string'

const read = (query) => {
  try {
    return JSON.stringify(parse(`postgres://user@db.example/shop?${query}`).ssl)
  } catch (error) {
    return error.message
  }
}
console.log('sslrootcert=system:', read('sslmode=verify-full&sslrootcert=system'))
console.log('with uselibpqcompat:', read('uselibpqcompat=true&sslmode=verify-full&sslrootcert=system'))
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = "sslrootcert=system: ENOENT: no such file or directory, open 'system'
with uselibpqcompat: ENOENT: no such file or directory, open 'system'"
