#!/bin/sh
# drizzle-orm 0.45.4 on Node 24.21.0 (26.10.0 does the same).
#
# Loading drizzle-orm with import takes several times the CPU time that require takes, for the same code in as many
# files. For each ES module Node finds out which package the file belongs to, and each time it parses that package's
# package.json again, with its "exports": drizzle-orm's has 178 KB. It does not do so for CommonJS files named .cjs. A
# profile shows the time in getPackageScopeConfig and in the garbage collector. Seen (ms of CPU):
#
#   require 108
#   import 1182
#   import costs more than twice: true
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund drizzle-orm@0.45.4 node@24.21.0 2>/dev/null
cat > run.mjs <<'JS'
import { spawnSync } from 'node:child_process'

const cpu = (code) => {
  const report = ';process.on("exit", () => console.log(Object.values(process.cpuUsage()).reduce((a, b) => a + b)))'
  const runs = [1, 2, 3].map(() => Number(spawnSync(process.execPath, ['-e', code + report]).stdout))
  return Math.min(...runs) / 1000
}
const idle = cpu('0')
const required = cpu("require('drizzle-orm')") - idle
const imported = cpu("import('drizzle-orm')") - idle
console.log('require', Math.round(required))
console.log('import', Math.round(imported))
console.log('import costs more than twice:', imported > 2 * required)
JS
seen=$(./node_modules/.bin/node run.mjs)
echo "$seen"
echo "$seen" | grep -q 'more than twice: true'
