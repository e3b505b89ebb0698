#!/bin/sh
# @electric-sql/pglite 0.5.14 on Node 24.21.0.
#
# A third to a half of the CPU time of opening a small database goes into the size of shared_buffers, which is 128 MB by
# default. A PostgreSQL server gets this memory from the kernel, which makes each page when it is first touched. PGlite's
# mmap writes zeros over all of it at each start, in WebAssembly, and so the kernel has to make every page as well. With
# shared_buffers=16MB among the startParams most of that time and 120 MB of memory are saved. V8's optimizing compiler is
# off in both (see pglite-tier-up.sh), because it would hide the difference. Seen (ms of CPU for opening and closing, MB
# of memory at most):
#
#   sizes 128MB 16MB
#   by default 1586 ms, 256 MB
#   with 16 MB 993 ms, 137 MB
#   by default it costs more than a third more: true
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.14 node@24.21.0 2>/dev/null
cat > open.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite'

const [size] = process.argv.slice(2)
const db = await PGlite.create('data', {
  startParams: [...PGlite.defaultStartParams, ...(size ? ['-c', `shared_buffers=${size}`] : [])],
})
const { rows } = await db.query('SHOW shared_buffers')
await db.close()
const { user, system } = process.cpuUsage()
console.log(rows[0].shared_buffers, Math.round((user + system) / 1000), Math.round(process.resourceUsage().maxRSS / 1024))
process.exit()
JS
cat > run.mjs <<'JS'
import { spawnSync } from 'node:child_process'

const open = (...size) =>
  String(spawnSync(process.execPath, ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering', 'open.mjs', ...size]).stdout)
const measure = (...size) => {
  const runs = [1, 2, 3].map(() => open(...size).trim().split(' '))
  return [runs[0][0], ...[1, 2].map((column) => Math.min(...runs.map((run) => Number(run[column]))))]
}

open()
const [size, before, memoryBefore] = measure()
const [smaller, after, memoryAfter] = measure('16MB')
console.log('sizes', size, smaller)
console.log(`by default ${before} ms, ${memoryBefore} MB`)
console.log(`with 16 MB ${after} ms, ${memoryAfter} MB`)
console.log('by default it costs more than a third more:', before > (4 / 3) * after)
JS
seen=$(./node_modules/.bin/node run.mjs)
echo "$seen"
echo "$seen" | grep -q 'sizes 128MB 16MB'
echo "$seen" | grep -q 'more than a third more: true'
