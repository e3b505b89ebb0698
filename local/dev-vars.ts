/** The secrets of a developer's own machine, in `.dev.vars`, where Wrangler reads them. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

const path = '.dev.vars'

const heading = `# Settings of this machine only, made by \`npm run dev\`: random token keys, and the database of plain \`wrangler dev\`
# (\`npm run dev\` itself always uses the local one). Never commit this file.
`

/** Creates `.dev.vars`, or adds the settings that it lacks. It changes none that are there. */
export function completeDevVars(): void {
  const present = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  const known = parseEnv(present ?? '')
  const missing = Object.entries({
    ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
    REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
    DATABASE_URL: 'postgres://postgres:postgres@localhost:5488/postgres',
  }).filter(([name]) => !(name in known))
  if (missing.length === 0) return
  const start = present === undefined ? heading : present.endsWith('\n') ? '' : '\n'
  appendFileSync(path, start + missing.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 })
  const names = missing.map(([name]) => name).join(', ')
  console.log(present === undefined ? `Created ${path} with new token keys` : `Added ${names} to ${path}`)
}
