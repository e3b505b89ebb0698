/** `npm run dev`: the local database and the Worker in one terminal, until Ctrl-C. */
import { PASSWORD_ITERATIONS } from '../src/config.ts'
import { completeDevVars } from './dev-vars.ts'
import { claimDatabase, type LocalDatabase, startLocalDatabase } from './local-database.ts'
import { readPorts, requireFreePort, runCommand } from './terminal.ts'
import { startWrangler } from './wrangler.ts'

const usage = `npm run dev -- [--port N] [--db-port N]

  Runs the Worker on a local database with the demo users, until Ctrl-C.

  --port N     port of the Worker, 8787 unless told otherwise
  --db-port N  port of the database, 5488 unless told otherwise

  The database is an embedded one, kept in .data/. With DATABASE_URL=postgres://… in the environment it is that
  server, which must be on this machine.`

await runCommand(async (stopped) => {
  const { port, 'db-port': databasePort } = readPorts(usage, { port: 8787, 'db-port': 5488 })
  const url = `http://localhost:${port}`
  const source = claimDatabase(url)
  await requireFreePort(port, 'port')
  await requireFreePort(databasePort, 'db-port')
  completeDevVars()
  const database = await startLocalDatabase({
    ...source,
    port: databasePort,
    demoIterations: PASSWORD_ITERATIONS.recommended,
  })
  const wrangler = startWrangler(port, database.url, () => printWelcome(url, database))
  const status = await Promise.race([wrangler.exited, stopped])
  if (status !== undefined) console.error(`wrangler dev ended by itself, with status ${status}`)
  await wrangler.close()
  await database.close()
  return status === undefined ? 0 : status || 1
})

function printWelcome(url: string, database: LocalDatabase): void {
  console.log(`
The ACME user service runs at ${url}

  Users     curl ${url}/users
  Log in    curl ${url}/login -H 'Content-Type: application/json' -d '{"username":"walter","password":"vmware1!"}'
  Database  psql ${database.url}
  Data      ${database.keptIn}
  Stop      Ctrl-C
`)
}
