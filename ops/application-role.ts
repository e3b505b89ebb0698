/** `npm run db:role`: makes the application's role, with a new password. Only its connection string goes to stdout. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { describeFailure } from './connection.ts'
import { aboutTls } from './connection-string.ts'
import { connectAsOwner } from './owner.ts'
import { parseCommandLine, Refusal, runCommand } from './terminal.ts'

const ROLE = 'user_service'
const UNDEFINED_TABLE = '42P01'
/** The code of the SQL file's own warnings. Those of PostgreSQL have other codes. */
const RAISED_WARNING = '01000'

const usage = `npm run -s db:role | npx wrangler secret put DATABASE_URL --env ""

  Makes ${ROLE}, the role that the service runs as, with migrations/application-role.sql, and prints its connection
  string. MIGRATION_DATABASE_URL must be the connection string of the tables' owner.

  Each run gives the role a new password. The Worker cannot connect until that is stored.

  ${aboutTls}`

await runCommand(async () => {
  parseCommandLine(usage, {})
  console.log(await makeRole())
  return 0
})

async function makeRole(): Promise<string> {
  const { client, target } = await connectAsOwner()
  const password = randomBytes(24).toString('base64url')
  const sql = await readFile('migrations/application-role.sql', 'utf8')
  client.on('notice', ({ code, message }) => {
    if (code === RAISED_WARNING) console.error(message)
  })
  await client
    .query(sql.replaceAll(":'password'", () => pg.escapeLiteral(password)))
    .catch((error) => {
      if (error.code === UNDEFINED_TABLE)
        throw new Refusal('There are no tables yet. Make them first: npm run db:migrate')
      throw new Refusal(`The role was left as it was: ${describeFailure(error, target)}`)
    })
    .finally(() => client.end())
  return replaceCredentials(target.text, password)
}

/** Replaces the owner's name and password, in parameters too: the Worker must get nothing of the owner's. */
function replaceCredentials(connectionString: string, password: string): string {
  const [base = ''] = connectionString.split('?', 1)
  const parameters = new URLSearchParams(connectionString.slice(base.length))
  for (const name of ['user', 'password', 'sslkey', 'sslcert']) parameters.delete(name)
  const place = base.slice(base.indexOf('//') + 2).replace(/^.*@/, '')
  return `postgres://${ROLE}:${password}@${place}${parameters.size > 0 ? `?${parameters}` : ''}`
}
