/** Settings that the Worker would refuse or pass over, as the commands find them in `wrangler.toml` and `.dev.vars`. */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
// Its esbuild remembers the folder that it is loaded in, which must outlive this file.
import 'wrangler'
import { readVars, requireSettings } from '../../ops/settings.ts'
import { makeKeys } from '../support/process/service.ts'

const SECRET = `canary-${randomBytes(4).toString('hex')}`
const toml = join(import.meta.dirname, '../../wrangler.toml')
const secrets = { DATABASE_URL: 'postgres://user:password@localhost/postgres', ...makeKeys() }
const folder = await mkdtemp(join(tmpdir(), 'acme-user-settings-'))
const before = process.cwd()
process.chdir(folder)

beforeEach(async () => {
  await copyFile(toml, 'wrangler.toml')
  await rm('.dev.vars', { force: true })
})

afterAll(async () => {
  process.chdir(before)
  await rm(folder, { recursive: true })
})

/** Reads and checks the settings of an environment; returns the refusal, without secrets and in one line. */
async function findRefusal(environment: string, options?: { local: boolean }): Promise<string> {
  const check = async () => requireSettings({ ...secrets, ...(await readVars(environment, options)) })
  const message = await check().then(
    () => 'accepted',
    (error: Error) => error.message,
  )
  expect(message).not.toContain(SECRET)
  expect(message).not.toContain('\n')
  return message
}

describe('wrangler.toml', () => {
  const write = async (after: string, line: string) =>
    writeFile('wrangler.toml', (await readFile(toml, 'utf8')).replace(`${after}\n`, `${after}\n${line}\n`))

  test.each(['', 'hardened'])('is accepted as it is in the environment "%s"', async (environment) => {
    expect(await findRefusal(environment)).toBe('accepted')
  })

  test.each([
    ['USERS_ACESS = "owner"', 'no such setting: USERS_ACESS (USERS_ACCESS?)'],
    ['REFRESH_ROTATION = "On"', 'REFRESH_ROTATION must be one of off, on'],
    ['REFRESH_ROTATION = true', 'REFRESH_ROTATION must be one of off, on'],
    [`TOKEN_ISSUER = '"${SECRET}"'`, 'TOKEN_ISSUER is in quotes'],
    [`TOKEN_ISSUER = "${SECRET}`, /^wrangler.toml cannot be read: Invalid TOML document: .*, in line \d+$/],
  ])('with %s is refused', async (line, message) => {
    await write('[vars]', line)
    expect(await findRefusal('')).toMatch(message)
  })

  test('with a fault in one environment is refused there, and accepted elsewhere', async () => {
    await write('[env.hardened.vars]', 'RATE_LIMITS = "yes"')
    expect(await findRefusal('hardened')).toMatch('RATE_LIMITS must be one of on, off')
    expect(await findRefusal('')).toBe('accepted')
  })

  test('is asked for an environment that it does not have, and names those that it has', async () => {
    expect(await findRefusal('nope')).toBe('wrangler.toml has no environment "nope". It has: hardened')
  })
})

describe('.dev.vars', () => {
  test.each([
    ['USERS_ACESS=owner', 'The service has no such setting: USERS_ACESS (USERS_ACCESS?)'],
    [`MY_OWN=${SECRET}`, 'The service has no such setting: MY_OWN.'],
    ['REFRESH_ROTATION=On', 'REFRESH_ROTATION must be one of off, on'],
    ['CORS_ORIGINS=shop.example', 'CORS_ORIGINS has something else than an origin as number 1'],
    [`ACCESS_TOKEN_KEY=${SECRET}`, 'ACCESS_TOKEN_KEY must have at least 32 bytes'],
    [`ACCESS_TOKEN_KEY={"kty":"RSA","n":"${SECRET}"}`, 'ACCESS_TOKEN_KEY has "kty" "RSA"'],
  ])('with %s is refused', async (line, message) => {
    await writeFile('.dev.vars', `${line}\n`)
    expect(await findRefusal('', { local: true })).toMatch(message)
  })
})
