#!/bin/sh
# @electric-sql/pglite 0.5.14 on Node 24.21.0 (V8 13.6).
#
# Most of the CPU time that it takes to open a database is spent by V8 on one function. PostgreSQL runs in V8's baseline
# code, which is compiled in milliseconds. During the start one function of 105 KB runs often enough for V8 to optimize
# it, and the optimizing compiler takes longer for it than everything else together, and 600 MB of memory for a moment.
# That happens at every start, because V8 keeps no optimized code. With --no-wasm-tier-up and --no-wasm-dynamic-tiering
# it does not; one of the two flags alone changes nothing. Seen (ms of CPU for opening, SELECT 1 and closing):
#
#   function of 104937 bytes: 3042 ms, 604 MB
#   by default 4317
#   without optimizing 1394
#   by default it costs more than one and a half times: true
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.14 node@24.21.0 2>/dev/null
cat > open.mjs <<'JS'
import { setTimeout } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'

const db = await PGlite.create('data')
await db.query('SELECT 1')
await db.close()
// The compiler works in threads of its own.
await setTimeout(10_000)
const { user, system } = process.cpuUsage()
console.log(`CPU ${Math.round((user + system) / 1000)}`)
process.exit()
JS
cat > run.mjs <<'JS'
import { spawnSync } from 'node:child_process'

const open = (...flags) => String(spawnSync(process.execPath, [...flags, 'open.mjs']).stdout)
const cpu = (...flags) => Math.min(...[1, 2, 3].map(() => Number(/^CPU (\d+)$/m.exec(open(...flags))[1])))

open()
const optimized = open('--trace-wasm-compilation-times').matchAll(
  /using TurboFan, took (\d+) ms and (\d+) .*bodysize (\d+)/g,
)
const [ms, memory, bytes] = [...optimized].map((all) => all.slice(1).map(Number)).sort((a, b) => b[0] - a[0])[0]
console.log(`function of ${bytes} bytes: ${ms} ms, ${Math.round(memory / 1e6)} MB`)
const before = cpu()
const after = cpu('--no-wasm-tier-up', '--no-wasm-dynamic-tiering')
console.log('by default', before)
console.log('without optimizing', after)
console.log('by default it costs more than one and a half times:', before > 1.5 * after)
JS
seen=$(./node_modules/.bin/node run.mjs)
echo "$seen"
echo "$seen" | grep -q 'function of 104937 bytes: '
echo "$seen" | grep -q 'more than one and a half times: true'
