#!/bin/sh
# hono 4.13.19, Node 20 or newer.
#
# A header that an earlier middleware sets with c.header() is a default: a handler that passes the same header to c.json()
# overrides it. With hono/cors in between, the middleware's header overrides the handler's. cors() reads c.res before the
# handler runs, which makes a response of the headers so far. When the handler's own response takes its place, Hono copies
# the headers of the first response over it. Seen:
#
#   without cors: public, max-age=300
#   with cors:    no-store
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund hono@4.13.19
cat > run.mjs <<'JS'
import { Hono } from 'hono'
import { cors } from 'hono/cors'

const noStore = async (c, next) => {
  c.header('Cache-Control', 'no-store')
  await next()
}
const keys = (c) => c.json({ keys: [] }, 200, { 'Cache-Control': 'public, max-age=300' })
const read = async (app) => (await app.request('/')).headers.get('Cache-Control')

console.log('without cors:', await read(new Hono().use(noStore).get('/', keys)))
console.log('with cors:   ', await read(new Hono().use(noStore).use(cors()).get('/', keys)))
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = "without cors: public, max-age=300
with cors:    no-store"
