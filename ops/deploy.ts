/** `npm run deploy`: migrates the database, then deploys the Worker, once everything that both need is there. */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { aboutTls } from './connection-string.ts'
import { applyMigrations, reportMigrations } from './migrations.ts'
import { connectAsOwner } from './owner.ts'
import { readVars, refuseMisspelt, requireSettings } from './settings.ts'
import { parseCommandLine, Refusal, runCommand } from './terminal.ts'

const usage = `npm run deploy -- [--env NAME]

  Migrates the database, then deploys the Worker. Does neither if anything is missing, and says what.

  --env NAME  an environment of wrangler.toml; without it, the top level

  MIGRATION_DATABASE_URL is the connection string of the tables' owner; without it, DATABASE_URL is.
  The account is the one of \`npx wrangler login\`, or of CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.

  ${aboutTls}`

/** The secrets that every call needs, each with the command that makes it. */
const providers = {
  DATABASE_URL: 'npm run -s db:role',
  ACCESS_TOKEN_KEY: 'openssl rand -base64 32',
  REFRESH_TOKEN_KEY: 'openssl rand -base64 32',
}

/** Stands in for the secrets, which only Cloudflare knows, while the other settings are checked. */
const unknownSecrets = {
  DATABASE_URL: 'postgres://user:password@localhost/postgres',
  ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
  REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
}

const wrangler = join(import.meta.dirname, '../node_modules/wrangler/bin/wrangler.js')
const secretsSchema = z.array(z.object({ name: z.string() }))

await runCommand((stopped) => Promise.race([deploy(), stopped.then(() => 130)]))

async function deploy(): Promise<number> {
  const { values } = parseCommandLine(usage, { env: { type: 'string', default: '' } })
  // An empty name is the top level. Wrangler is told that too, because it warns if it gets no name.
  const environment = values.env
  // What is refused soonest is looked at first: Wrangler, which reads the settings, takes seconds to load.
  const { client, target } = await connectAsOwner()
  try {
    console.log('Looking at the settings and secrets…')
    await requireSettings({ ...unknownSecrets, ...(await readVars(environment)) })
    await requireSecrets(environment)
    reportMigrations(await applyMigrations(client, target))
  } finally {
    await client.end()
  }
  return deployWorker(environment)
}

async function requireSecrets(environment: string): Promise<void> {
  const stored = await findSecrets(environment)
  refuseMisspelt(stored)
  const missing = Object.entries(providers).filter(([name]) => !stored.includes(name))
  if (missing.length === 0) return
  const flag = `--env ${environment || '""'}`
  const commands = missing.map(([name, provider]) => `  ${provider} | npx wrangler secret put ${name} ${flag}`)
  throw new Refusal(`Secrets are missing${environment && ` in ${environment}`}:\n\n${commands.join('\n')}`)
}

/** Returns the names of the stored secrets. A Worker that does not exist yet has none. */
async function findSecrets(environment: string): Promise<string[]> {
  const { status, output, errors } = await askWrangler('secret', 'list', '--format=json', `--env=${environment}`)
  if (status === 0) return secretsSchema.parse(JSON.parse(output)).map(({ name }) => name)
  if (/Worker ".+" (\(env: .+\) )?not found/.test(errors)) return []
  await requireAccount()
  throw new Refusal(`${output}${errors}Wrangler cannot list the Worker's secrets`)
}

async function requireAccount(): Promise<void> {
  const { output } = await askWrangler('whoami', '--json')
  if (!/"loggedIn":\s*false/.test(output)) return
  throw new Refusal(`No Cloudflare account: log in, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID

  npx wrangler login`)
}

async function deployWorker(environment: string): Promise<number> {
  const args = [wrangler, 'deploy', `--env=${environment}`, ...describeVersion()]
  const [status] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')
  if (status !== 0) console.error('The database is migrated, the Worker is as it was. It is safe to run this again')
  return status ?? 1
}

/** Names the commit. The Worker reports it, and the list of `wrangler rollback` shows it. */
function describeVersion(): string[] {
  const { status, stdout } = spawnSync('git', ['describe', '--tags', '--always', '--dirty'], { encoding: 'utf8' })
  return status === 0 ? [`--var=VERSION:${stdout.trim()}`, `--message=${stdout.trim()}`] : []
}

async function askWrangler(...args: string[]) {
  const child = spawn(process.execPath, [wrangler, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { status, output, errors }
}
