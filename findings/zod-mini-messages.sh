#!/bin/sh
# zod 4.6.7, Node 20 or newer.
#
# zod/mini has no locale of its own: its issues say "Invalid input". Once any module of the process makes a schema with the
# full zod, the issues of zod/mini have the English texts too, because the two share one configuration. So a message
# depends on what else is loaded, a test file's own helper included. Seen:
#
#   zod/mini alone:       Invalid input
#   beside the full zod:  Invalid input: expected string, received number
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7
cat > run.mjs <<'JS'
import * as mini from 'zod/mini'

const schema = mini.string()
const read = () => schema.safeParse(1).error.issues[0].message

console.log('zod/mini alone:      ', read())
const { z } = await import('zod')
z.number()
console.log('beside the full zod: ', read())
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = "zod/mini alone:       Invalid input
beside the full zod:  Invalid input: expected string, received number"
