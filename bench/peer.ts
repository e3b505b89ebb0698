/** Prepares better-auth, which the service is compared with: its packages, its tables and its users. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Refusal } from '../ops/terminal.ts'
import { runOn } from '../test/support/process/postgres.ts'
import { type Call, send } from './load.ts'
import * as schema from './peers/better-auth-schema.ts'
import manifest from './peers/package.json' with { type: 'json' }
import { times } from './people.ts'
import type { Workerd } from './workerd.ts'

/** Its name in the results. */
export const PEER = `better-auth ${manifest.dependencies['better-auth']}`

/**
 * Installs its packages in a folder of their own, which git ignores. If they were dependencies of the project,
 * everybody would download them and answer for their advisories, for a comparison that hardly anybody runs.
 */
export async function installPeer(): Promise<void> {
  const folder = join(import.meta.dirname, 'peers')
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder }).catch(() => {
    throw new Refusal(`${PEER} cannot be installed: run \`npm ci\` in bench/peers to see why`)
  })
}

/** Makes its tables, in a schema of their own beside the service's. */
export async function createPeerTables(url: string): Promise<void> {
  // Loaded late, because it takes seconds, and most runs measure no peer.
  const { generateDrizzleJson, generateMigration } = await import('drizzle-kit/api')
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema))
  await runOn(url, statements.join('\n'))
}

/** Signs users up; returns the calls that sign them in. */
export function signUpUsers(peer: Workerd, count: number, password: string): Promise<Call[]> {
  return Promise.all(
    times(count, async (number) => {
      const credentials = { email: `user-${number}@example.com`, password }
      await send(peer, describePost('sign-up/email', { name: 'Jane Doe', ...credentials }))
      return describePost('sign-in/email', credentials)
    }),
  )
}

/** Signs users in; returns the calls that they can make then, with the cookies that a browser would send. */
export async function preparePeerCalls(peer: Workerd, signIns: Call[]) {
  const cookies = await Promise.all(signIns.map((call) => signIn(peer, call)))
  const get = (path: string): Call[] => cookies.map((cookie) => ({ path: `/api/auth/${path}`, headers: { cookie } }))
  return { login: signIns, check: get('get-session'), refresh: get('token') }
}

async function signIn(peer: Workerd, call: Call): Promise<string> {
  const { headers } = await send(peer, call)
  const cookies = headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  return cookies.join('; ')
}

function describePost(path: string, body: unknown): Call {
  // better-auth refuses a POST without an Origin.
  return { path: `/api/auth/${path}`, headers: { origin: 'http://localhost' }, body }
}
