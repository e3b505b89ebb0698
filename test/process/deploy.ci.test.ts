/**
 * `npm run deploy` with one thing after another missing. No test deploys anything, because there is no account. Where
 * one is needed, a stand-in for Cloudflare's API answers Wrangler's questions and refuses the upload.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
// Its esbuild remembers the folder that it is loaded in, which must outlive this file.
import 'wrangler'
import { parseKeys } from '../../src/auth/jwk.ts'
import { callCommand, runCommand } from '../support/process/command.ts'
import { copyProject } from '../support/process/dev-server.ts'
import { findCodeIn } from '../support/process/pages.ts'
import { findFreePort, findPostgres, runOn } from '../support/process/postgres.ts'

const postgres = await findPostgres('Only refusals before the database were tested')

const SECRET = 'canary-3f9c1d'

/** A secret in the form in which Wrangler sends it. */
const secret = z.strictObject({ name: z.string(), text: z.string(), type: z.literal('secret_text') })

/** A stand-in for openssl, which not every machine has. It prints as many bytes. */
const standIn = `command -v openssl >/dev/null || openssl() { node -p 'crypto.randomBytes(32).toString("base64")'; }\n`

let project: Awaited<ReturnType<typeof copyProject>>

/** The environment where nobody is logged in: without the developer's home, tokens and URLs. */
function describeEnvironment(given: Record<string, string> = {}) {
  const { PATH = '' } = process.env
  return { PATH, HOME: project.folder, WRANGLER_SEND_METRICS: 'false', ...given }
}

/** Runs a program where nobody is logged in. */
async function run(program: string, args: string[], given: Record<string, string>) {
  const env = describeEnvironment(given)
  return new Promise<{ status: unknown; output: string }>((resolve) => {
    execFile(program, args, { cwd: project.folder, env }, (error, stdout, stderr) => {
      resolve({ status: error ? error.code : 0, output: stdout + stderr })
    })
  })
}

async function expectRefusal(
  message: string | RegExp,
  args: string[],
  given?: Record<string, string>,
  start: typeof runCommand = callCommand,
) {
  const env = describeEnvironment(given)
  const { status, ...printed } = await start('ops/deploy.ts', args, { env, folder: project.folder })
  const output = printed.output + printed.errors
  expect(output).toMatch(message)
  expect(output).not.toContain(SECRET)
  expect(output).not.toMatch(/^\s+at /m)
  expect(status).toBe(1)
  return output
}

beforeAll(async () => {
  project = await copyProject()
})

afterAll(async () => {
  await project.remove()
  await postgres?.close()
})

describe('refuses', () => {
  test.each([
    {
      what: 'a flag that it does not know',
      args: ['--enviroment', 'hardened'],
      message: "Unknown option '--enviroment'",
    },
    { what: 'a name without a flag', args: ['hardened'], message: "Unexpected argument 'hardened'" },
    { what: 'to start without a database', args: ['--env', 'hardened'], message: 'MIGRATION_DATABASE_URL is missing' },
  ])('$what', async ({ args, message }) => {
    await expectRefusal(message, args)
  })

  test.each(['MIGRATION_DATABASE_URL', 'DATABASE_URL'])('a malformed %s, without repeating it', async (name) => {
    await expectRefusal(`${name} must read postgres://`, [], { [name]: `postgres//owner:${SECRET}@localhost/x` })
  })

  test('a database that cannot be reached, in one line', async () => {
    const url = `postgres://owner:${SECRET}@localhost:${await findFreePort()}/x?sslmode=require`
    const output = await expectRefusal('cannot be reached: ', [], { MIGRATION_DATABASE_URL: url })
    expect(output.trim().split('\n')).toHaveLength(1)
  })
})

describe.skipIf(!postgres)('with a database', () => {
  const url = postgres?.url ?? ''
  const findTables = async () => (await runOn(url, "SELECT to_regclass('public.users') AS users")).rows[0].users
  const findSchema = async () => (await runOn(url, "SELECT to_regnamespace('drizzle') AS drizzle")).rows[0].drizzle

  test('refuses a setting in wrangler.toml, and changes nothing', async () => {
    const path = join(project.folder, 'wrangler.toml')
    const toml = await readFile(path, 'utf8')
    await writeFile(path, toml.replace('[vars]\n', `[vars]\nTOKEN_ISSUER = '"${SECRET}"'\n`))
    await expectRefusal('TOKEN_ISSUER is in quotes', [], { MIGRATION_DATABASE_URL: url })
    await writeFile(path, toml)
    expect([await findTables(), await findSchema()]).toEqual([null, null])
  })

  test('refuses to start without an account, and changes nothing', async () => {
    await expectRefusal('npx wrangler login', [], { MIGRATION_DATABASE_URL: url, SENTRY_DSN: SECRET })
    expect([await findTables(), await findSchema()]).toEqual([null, null])
  })

  describe('and an account', () => {
    let cloudflare: Server
    let secrets: string[] | null
    const stored: { name: string; text: string }[] = []
    const requests: string[] = []

    const withAccount = () => ({
      DATABASE_URL: url,
      CLOUDFLARE_API_TOKEN: SECRET,
      CLOUDFLARE_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
      CLOUDFLARE_API_BASE_URL: `http://localhost:${(cloudflare.address() as AddressInfo).port}`,
    })
    const deployWithAccount = (args: string[]) => expectRefusal('', args, withAccount())

    beforeAll(async () => {
      cloudflare = createServer(async (request, response) => {
        const call = `${request.method} ${request.url}`
        requests.push(call)
        const puts = /^PUT .*\/acme-user\/secrets$/.test(call)
        if (puts) stored.push(secret.parse(await json(request)))
        const listed = /^GET .*\/secrets$/.test(call) && secrets?.map((name) => ({ name, type: 'secret_text' }))
        const result = puts ? {} : listed || null
        const errors = result ? [] : [{ code: 10007, message: 'This Worker does not exist on your account.' }]
        response.writeHead(result ? 200 : 404, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify({ success: Boolean(result), errors, messages: [], result }))
      })
      await once(cloudflare.listen(0, 'localhost'), 'listening')
    })

    afterAll(async () => {
      cloudflare.close()
      await runOn(url, 'DROP OWNED BY user_service; DROP ROLE user_service').catch(() => {
        // Another database of the server has it too.
      })
    })

    test('asks for every secret of a Worker that does not exist yet', async () => {
      secrets = null
      const output = await deployWithAccount(['--env', 'hardened'])
      expect(requests.join('\n')).toContain('/workers/scripts/acme-user-hardened/secrets')
      for (const name of ['DATABASE_URL', 'ACCESS_TOKEN_KEY', 'REFRESH_TOKEN_KEY']) {
        expect(output).toContain(`| npx wrangler secret put ${name} --env hardened\n`)
      }
      expect([await findTables(), await findSchema()]).toEqual([null, null])
    })

    test('refuses a secret whose name is nearly that of a setting', async () => {
      secrets = ['DATABASE_URL', 'ACCESS_TOKEN_KEY', 'REFRESH_TOKEN_KEYS', 'SOMETHING_ELSE']
      const output = await deployWithAccount([])
      expect(output).toContain('no such setting: REFRESH_TOKEN_KEYS (REFRESH_TOKEN_KEY?). ')
      expect(await findTables()).toBe(null)
    })

    test('asks for the one secret that is missing', async () => {
      secrets = ['DATABASE_URL', 'REFRESH_TOKEN_KEY', 'SENTRY_DSN']
      const output = await deployWithAccount([])
      expect(output.match(/secret put .*/g)).toEqual(['secret put ACCESS_TOKEN_KEY --env ""'])
      expect(await findTables()).toBe(null)
    })

    test('migrates, then deploys, and says what was done when the upload is refused', async () => {
      secrets = ['DATABASE_URL', 'ACCESS_TOKEN_KEY', 'REFRESH_TOKEN_KEY']
      // Wrangler prints to the terminal itself.
      const output = await expectRefusal('', [], withAccount(), runCommand)
      expect(output).toMatch(/^Migrated: 0000_users, 0001_sessions, 0002_grace_uses/m)
      expect(output).toContain('The database is migrated, the Worker is as it was')
      expect(await findTables()).toBe('users')
      expect(requests.at(-1)).not.toContain('/secrets')
    })

    test('stores what the pages pipe into Wrangler: the URL of the role and two keys', async () => {
      const [commands, others] = ['README.md', 'docs/deploying.md'].map(findStoring)
      expect(commands).toEqual(others)
      const script = ['set -o pipefail', standIn, ...(commands ?? [])].join('\n')
      const { status, output } = await run('bash', ['-ec', script], withAccount())
      expect({ status, output }).toMatchObject({ status: 0 })
      const { DATABASE_URL = '', ...keys } = Object.fromEntries(stored.map(({ name, text }) => [name, text]))
      expect(DATABASE_URL).toMatch(/^postgres:\S+$/)
      expect((await runOn(DATABASE_URL, 'SELECT current_user AS role')).rows).toEqual([{ role: 'user_service' }])
      expect(Object.keys(keys)).toEqual(['ACCESS_TOKEN_KEY', 'REFRESH_TOKEN_KEY'])
      expect(new Set(Object.values(keys)).size).toBe(2)
      for (const [name, key] of Object.entries(keys)) {
        expect(key).toMatch(/^[\w+/]{43}=$/)
        expect(await parseKeys(name, key, 'plain')).toHaveLength(1)
      }
      for (const { text } of stored) expect(output).not.toContain(text)
    })

    /** The lines of a page that store a secret. */
    const findStoring = (page: string) => {
      const lines = findCodeIn('sh', page).flatMap((code) => code.trimEnd().split('\n'))
      return lines.filter((line) => line.includes('wrangler secret put')).map((line) => line.trim())
    }
  })
})
