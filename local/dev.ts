/** `npm run dev`: the local database and the Worker in one terminal, until Ctrl-C. */

import { readVars, requireSettings } from '../ops/settings.ts'
import { parseCommandLine, requireFreePorts, runCommand, toPort } from '../ops/terminal.ts'
import { PASSWORD_ITERATIONS } from '../src/config.ts'
import { completeDevVars } from './dev-vars.ts'
import { claimDatabase, type LocalDatabase, startLocalDatabase } from './local-database.ts'
import { startWrangler } from './wrangler.ts'

const usage = `npm run dev -- [--port N] [--db-port N] [--ip ADDRESS] [--env NAME] [--limits] [-- FLAGS]

  Runs the Worker on a local database with the demo users, until Ctrl-C.

  --port N      port of the Worker, 8787 unless told otherwise
  --db-port N   port of the database, 5488 unless told otherwise
  --ip ADDRESS  where the Worker listens, localhost unless told otherwise. With 0.0.0.0 everybody on your network may log
                in as a demo user: their password is public
  --env NAME    an environment of wrangler.toml, such as hardened
  --limits      count tries, as the deployed Worker does
  -- FLAGS      flags for wrangler dev

  The database is an embedded one, kept in .data/. With DATABASE_URL=postgres://… in the environment it is that
  server, which must be on this machine.`

const options = {
  port: { type: 'string', default: '8787' },
  'db-port': { type: 'string', default: '5488' },
  ip: { type: 'string', default: 'localhost' },
  env: { type: 'string', default: '' },
  limits: { type: 'boolean', default: false },
} as const

await runCommand(async (stopped) => {
  const { values, rest } = parseCommandLine(usage, options, { takesRest: true })
  const port = toPort('port', values.port)
  const databasePort = toPort('db-port', values['db-port'])
  const url = `http://${values.ip === '0.0.0.0' ? 'localhost' : values.ip}:${port}`
  const source = claimDatabase(url)
  await requireFreePorts({ port, 'db-port': databasePort })
  completeDevVars()
  console.log('Starting the Worker and its database…')
  const opened = await Promise.race([
    // The database opens in a thread of its own while Wrangler, which reads the settings, takes seconds to load.
    Promise.all([
      startLocalDatabase({ ...source, port: databasePort, demoIterations: PASSWORD_ITERATIONS.recommended }),
      prepareVars(values.env, { port, limits: values.limits }),
    ]),
    stopped,
  ])
  if (!opened) return 0
  const [database, vars] = opened
  const wrangler = startWrangler({
    flags: [`--port=${port}`, `--ip=${values.ip}`, ...(values.env ? [`--env=${values.env}`] : []), ...rest],
    vars: { ...vars, DATABASE_URL: database.url },
    onReady: () => printWelcome(url, database),
  })
  const status = await Promise.race([wrangler.exited, stopped])
  if (status !== undefined) console.error(`wrangler dev ended by itself, with status ${status}`)
  await wrangler.close()
  await database.close()
  return status === undefined ? 0 : status || 1
})

/** Makes the settings that go before those in the files, and refuses what the Worker would refuse of them all. */
async function prepareVars(
  environment: string,
  { port, limits }: { port: number; limits: boolean },
): Promise<Record<string, string>> {
  const given = await readVars(environment, { local: true })
  const vars = { RATE_LIMITS: limits ? 'on' : 'off', NEON_PROXY_URL: '', ...describeMail(given, port) }
  // The database's URL is not known yet, and any other will do for this.
  await requireSettings({ ...given, ...vars, DATABASE_URL: 'postgres://user:password@localhost/postgres' })
  return vars
}

/** Switches on mail, which Wrangler simulates. There is no page of a shop here, so links lead to the one for trying calls. */
function describeMail(given: Record<string, unknown>, port: number): Record<string, string> {
  const mail = { MAIL_FROM: 'ACME Fitness <users@acmefitness.example>', MAIL_LINK: `http://localhost:${port}/docs` }
  return Object.fromEntries(Object.entries(mail).filter(([name]) => !given[name]))
}

function printWelcome(url: string, database: LocalDatabase): void {
  console.log(`
The ACME user service runs at ${url}

  Users     curl ${url}/users
  Log in    curl ${url}/login -H 'Content-Type: application/json' -d '{"username":"walter","password":"vmware1!"}'
  Try it    ${url}/docs
  Database  psql ${database.url}
  Data      ${database.keptIn}
  Stop      Ctrl-C
`)
}
