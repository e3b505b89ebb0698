/** `npm run db`: runs the local database alone, until Ctrl-C, for `wrangler dev` or anything else beside it. */

import { parseCommandLine, requireFreePorts, runCommand, toPort } from '../ops/terminal.ts'
import { PASSWORD_ITERATIONS } from '../src/config.ts'
import { completeDevVars } from './dev-vars.ts'
import { claimDatabase, startLocalDatabase } from './local-database.ts'

const usage = `npm run db -- [--db-port N]

  Runs the local database of \`npm run dev\` alone, until Ctrl-C.

  --db-port N  its port, 5488 unless told otherwise`

await runCommand(async (stopped) => {
  const { values } = parseCommandLine(usage, { 'db-port': { type: 'string', default: '5488' } })
  const port = toPort('db-port', values['db-port'])
  const source = claimDatabase(`postgres://localhost:${port}`)
  await requireFreePorts({ 'db-port': port })
  completeDevVars()
  const starting = startLocalDatabase({ ...source, port, demoIterations: PASSWORD_ITERATIONS.recommended })
  const database = await Promise.race([starting, stopped])
  if (!database) return 0
  console.log(`
The local database runs at ${database.url}

  Look in     psql ${database.url}
  Run on it   npx wrangler dev --var DATABASE_URL:${database.url}
  Data        ${database.keptIn}
  Stop        Ctrl-C
`)
  await stopped
  await database.close()
  return 0
})
