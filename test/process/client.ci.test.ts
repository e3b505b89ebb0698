/**
 * The package of types, installed in projects beside the oldest and the newest hono that it supports. The code in
 * docs/tokens.md compiles with TypeScript 5.9 and 7, every declaration checked.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peerDependencies } from '../../client/package.json'
import { dependencies, devDependencies, version } from '../../package.json'
import { findCodeIn } from '../support/process/pages.ts'

const root = join(import.meta.dirname, '../..')
/** The three ways to trust a token, then the typed client. */
const snippets = findCodeIn('ts', 'docs/tokens.md')

const OLDER_TYPESCRIPT = 'typescript@5.9.3'

/** A project for each hono. The newest is the one that the service itself is built with. */
const honos = { oldest: peerDependencies.hono.replace('^', ''), newest: dependencies.hono }

/** Each line would compile if the types were `any`. */
const misuse = `
import type { AppType, UserService } from 'acme-user-service'
import { hc } from 'hono/client'

const shop = hc<AppType>('https://user.example')
// @ts-expect-error: no such field in the body
await shop.login.$post({ json: { username: 'dwight', passwort: 'vmware1!' } })
// @ts-expect-error: no body
await shop.register.$post({})
// @ts-expect-error: no such route
await shop.logon.$post({ json: { username: 'dwight', password: 'vmware1!' } })
// @ts-expect-error: no such method
await shop.login.$get()
// @ts-expect-error: no such parameter
await shop.users[':id'].$get({ param: { name: 'dwight' } })
const user = await shop.users[':id'].$get({ param: { id: '' } })
// @ts-expect-error: no such field in the answer
if (user.ok) (await user.json()).data.passwordHash
// @ts-expect-error: no data in a refusal
if (!user.ok) (await user.json()).data
declare const service: UserService
// @ts-expect-error: no such call
await service.deleteUser('')
// @ts-expect-error: may be null
;(await service.verifyToken('')).sub
`

let folder: string

const run = (file: string, args: string[], cwd: string) =>
  promisify(execFile)(file, args, { cwd }).catch(({ stdout, stderr }) => {
    throw new Error(stdout + stderr)
  })

/** Makes a project and installs packages in it. */
async function install(project: string, packages: string[]) {
  await mkdir(join(folder, project))
  await writeFile(join(folder, project, 'package.json'), '{"type":"module"}')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await run('npm', ['install', ...options, ...packages], join(folder, project))
}

/** Writes the project of a page or a server that calls the service by HTTP. */
async function writeClient(project: string) {
  await writeFile(join(folder, project, 'sample.ts'), snippets[3] ?? '')
  await writeFile(join(folder, project, 'misuse.ts'), misuse)
}

/** Writes the Worker of test/shop, with the code of docs/tokens.md in place of its own files. */
async function writeWorker(project: string) {
  for (const [index, name] of ['over-http.ts', 'over-binding.ts', 'by-yourself.ts'].entries()) {
    await writeFile(join(folder, project, name), snippets[index] ?? '')
  }
  for (const name of ['order.ts', 'clock.ts'])
    await copyFile(join(root, 'test/shop', name), join(folder, project, name))
  const [binding = ''] = findCodeIn('toml', 'docs/tokens.md')
  const settings = 'name = "acme-order"\nmain = "order.ts"\ncompatibility_date = "2026-11-01"\n'
  await writeFile(join(folder, project, 'wrangler.toml'), settings + binding)
  await run(join(root, 'node_modules/.bin/wrangler'), ['types'], join(folder, project))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acme-user-client-'))
  await run('npm', ['run', 'client', '--', '--pack-destination', folder], root)
  const tarball = join(folder, `acme-user-service-${version}.tgz`)
  await install('oldest', [tarball, `hono@${honos.oldest}`, OLDER_TYPESCRIPT])
  await install('newest', [tarball, `hono@${honos.newest}`, `jose@${dependencies.jose}`])
  for (const project of Object.keys(honos)) await writeClient(project)
  await writeWorker('newest')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the package is one file of types, without dependencies and scripts', async () => {
  const published = join(folder, 'oldest/node_modules/acme-user-service')
  expect((await readdir(published)).sort()).toEqual(['LICENSE', 'index.d.ts', 'package.json'])
  const manifest = JSON.parse(await readFile(join(published, 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({ version, peerDependencies })
  for (const member of ['scripts', 'dependencies', 'devDependencies']) expect(manifest).not.toHaveProperty(member)
  const types = await readFile(join(published, 'index.d.ts'), 'utf8')
  expect([...types.matchAll(/from '(.*)'/g)].map(([, name]) => name)).toEqual(['hono'])
})

describe.each([
  [OLDER_TYPESCRIPT, () => join(folder, 'oldest/node_modules/.bin/tsc')],
  [`typescript@${devDependencies.typescript}`, () => join(root, 'node_modules/.bin/tsc')],
])('with %s', (_, tsc) => {
  const compile = async (project: string, options: string[]) => {
    await run(tsc(), ['--noEmit', '--strict', '--target', 'es2024', ...options], join(folder, project))
  }

  test.each(Object.entries(honos))('the typed client compiles beside the %s hono, %s', (project) =>
    compile(project, ['--module', 'nodenext', 'sample.ts', 'misuse.ts']),
  )

  test('each way to trust a token compiles in another Worker', () => {
    const runtime = ['--lib', 'es2024', '--types', './worker-configuration.d.ts', '--allowImportingTsExtensions']
    return compile('newest', ['--module', 'esnext', '--moduleResolution', 'bundler', ...runtime, 'order.ts'])
  })
})
