/** The container's command with the built Worker: the contract, the settings, and the end on a signal. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type Container, isOpen, spawnEntrypoint, startContainer } from '../support/process/container.ts'
import { waitUntil } from '../support/process/dev-server.ts'
import { makeKeys } from '../support/process/service.ts'

const app = inject('app')

const dwight = {
  username: 'dwight',
  email: 'dwight@acmefitness.com',
  firstname: 'Dwight',
  lastname: 'Schrute',
  id: '5c61ed848d891bd9e8016899',
}
const peter = {
  username: 'peterp',
  password: 'vmware1!',
  firstname: 'amazing',
  lastname: 'spiderman',
  email: 'peterp@acmefitness.com',
}
const unauthorized = { status: 401, text: '{"message":"Invalid Key. User Not Authorized","status":401}' }

/** A Worker that answers with all it can see of the environment, or with the outcome of a request of its own. */
const probe = `export default {
  async fetch(request, env) {
    const target = new URL(request.url).searchParams.get('fetch')
    if (!target) return Response.json({ bindings: env, process: globalThis.process?.env ?? {} })
    return new Response(await fetch(target).then(({ status }) => String(status), () => 'refused'))
  },
}`

const statements: string[] = []
const started: Container[] = []
let local: LocalDatabase
let settings: Record<string, string>

const start = async (from: string, environment: Record<string, string>) => {
  const container = await startContainer(from, environment)
  started.push(container)
  return container
}

/** Makes the container's folder with the probe for its Worker. */
const buildProbe = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-probe-'))
  await cp(app, folder, { recursive: true })
  await writeFile(join(folder, 'dist/index.js'), probe)
  return folder
}

beforeAll(async () => {
  local = await startLocalDatabase({ demoIterations: 15_000, onStatement: (statement) => statements.push(statement) })
  settings = {
    DATABASE_URL: local.url,
    ...makeKeys(),
    PBKDF2_ITERATIONS: '15000',
  }
})

afterAll(async () => {
  for (const { process } of started) process.kill('SIGKILL')
  await local?.close()
})

test('the six calls answer as published', async () => {
  const { call } = await start(app, settings)
  const list = await call('GET', '/users')
  expect(list.status).toBe(200)
  expect(list.text).toContain(`,${JSON.stringify(dwight)},`)
  expect(Object.keys(JSON.parse(list.text))).toEqual(['data'])
  expect(await call('GET', `/users/${dwight.id}`)).toMatchObject({
    status: 200,
    text: JSON.stringify({ data: dwight, status: 200 }),
  })

  const registration = await call('POST', '/register', peter)
  expect(registration.status).toBe(201)
  expect(registration.text).toMatch(
    /^\{"message":"User created successfully!","resourceId":"[0-9a-f]{24}","status":201\}$/,
  )
  expect(await call('POST', '/register', peter)).toMatchObject({
    status: 409,
    text: '{"message":"Username is already taken","status":409}',
  })

  const { username, password } = peter
  const login = await call('POST', '/login', { username, password })
  expect(login.status).toBe(200)
  expect(login.text).toMatch(/^\{"access_token":"[\w.-]+","refresh_token":"[\w.-]+","status":200\}$/)
  expect(await call('POST', '/login', { username, password: 'not this one' })).toMatchObject({
    status: 401,
    text: '{"message":"Invalid username or password","status":401}',
  })

  const { access_token, refresh_token } = JSON.parse(login.text)
  expect(await call('POST', '/verify-token', { access_token })).toMatchObject({
    status: 200,
    text: '{"message":"Token Valid. User Authorized","status":200}',
  })
  expect(await call('POST', '/verify-token', { access_token: refresh_token })).toMatchObject(unauthorized)

  const refresh = await call('POST', '/refresh-token', { refresh_token })
  expect(refresh.status).toBe(200)
  expect(JSON.parse(refresh.text)).toEqual({ access_token: expect.any(String), refresh_token, status: 200 })
  expect(await call('POST', '/refresh-token', { refresh_token: access_token })).toMatchObject(unauthorized)
})

test('serves the documentation page, and nothing else of its folder [V13.4.3]', async () => {
  const { port, get } = await start(app, settings)
  const root = await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' })
  expect([root.status, root.headers.get('Location')]).toEqual([302, 'docs'])
  const page = await fetch(`http://127.0.0.1:${port}/docs`)
  expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('Content-Security-Policy')).toContain("script-src 'self';")
  const loaded = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => `/${path}`)
  expect(loaded).toContain('/swagger-ui/swagger-ui-bundle.js')
  for (const path of [...loaded, '/swagger-ui/swagger-ui.css']) expect((await get(path)).status).toBe(200)
  for (const path of ['/docs.html', '/swagger-ui/', '/swagger-ui%2fLICENSE.txt', '/..%2fdist/index.js']) {
    expect(await get(path)).toMatchObject({ status: 404, text: '{"message":"Not found","status":404}' })
  }
})

test.each(['DATABASE_URL', 'ACCESS_TOKEN_KEY', 'REFRESH_TOKEN_KEY'])(
  'without %s each call is a 500 [V13.2.3] [V16.5.3]',
  async (name) => {
    const given = { ...settings, DATABASE_URL: 'postgres://user:marked-secret@localhost:1/users', [name]: '' }
    const { call, output } = await start(app, given)
    const calls: [string, string][] = [
      ['GET', '/users'],
      ['GET', `/users/${dwight.id}`],
      ['POST', '/register'],
      ['POST', '/login'],
      ['POST', '/refresh-token'],
      ['POST', '/verify-token'],
    ]
    for (const [method, path] of calls) {
      const answer = await call(method, path, method === 'POST' ? {} : undefined)
      expect(answer).toMatchObject({ status: 500, text: '{"message":"Internal server error","status":500}' })
    }
    await waitUntil(() => output().includes(`${name} is missing`), output)
    expect(output()).not.toContain('marked-secret')
    for (const secret of [settings.ACCESS_TOKEN_KEY, settings.REFRESH_TOKEN_KEY]) expect(output()).not.toContain(secret)
  },
)

test('listens at PORT, or else at 8080, on every interface', async () => {
  const stub = await mkdtemp(join(tmpdir(), 'acme-user-workerd-'))
  await writeFile(join(stub, 'workerd'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 })
  const printCommand = (env: Record<string, string>) =>
    text(spawnEntrypoint(app, { PATH: `${stub}:/usr/bin:/bin`, ...env }).stdout)
  expect(await printCommand({ PORT: '9000' })).toBe('serve worker.capnp --socket-addr http=*:9000\n')
  expect(await printCommand({})).toBe('serve worker.capnp --socket-addr http=*:8080\n')
  await rm(stub, { recursive: true })
})

test('SIGTERM ends it, open connections or not, and frees the port', async () => {
  const { process, port, exited } = await start(app, settings)
  const agent = new Agent({ keepAlive: true })
  await new Promise<void>((resolve, reject) =>
    get({ port, path: '/users', agent }, (response) => response.resume().on('end', resolve)).on('error', reject),
  )
  process.kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(await isOpen(port)).toBe(false)
  agent.destroy()
})

test('SIGTERM lets it answer the requests that it has begun', async () => {
  const { process, call, exited } = await start(app, { ...settings, PBKDF2_ITERATIONS: '1000000' })
  statements.length = 0
  // An unknown user costs the configured work, which begins after the look-up.
  const login = call('POST', '/login', { username: 'nobody', password: 'vmware1!' })
  await waitUntil(
    () => statements.length > 0,
    () => 'no look-up',
  )
  process.kill('SIGTERM')
  expect((await login).status).toBe(401)
  expect(await exited).toBe(0)
})

test('the Worker sees its settings and nothing else of the environment [V13.3.2]', async () => {
  const probed = await buildProbe()
  const { call } = await start(probed, { ...settings, MARKED: 'marked', HOME: '/marked' })
  const { text: seen } = await call('GET', '/')
  const { bindings, process } = JSON.parse(seen)
  expect(bindings).toMatchObject({ ...settings, STAGE: null, CORS_ORIGINS: null })
  expect(Object.keys(bindings)).toEqual(expect.arrayContaining(Object.keys(process)))
  expect(seen).not.toMatch(/marked/i)
  await rm(probed, { recursive: true })
})

test('the Worker reaches the local store, and no address where clouds hand out credentials [V1.3.6] [V13.2.5]', async () => {
  const probed = await buildProbe()
  const { call, output } = await start(probed, settings)
  const reach = async (url: string) => (await call('GET', `/?fetch=${encodeURIComponent(url)}`)).text
  const { host } = new URL(local.url)
  expect(await reach(`http://${host}/`)).toMatch(/^\d{3}$/)
  const forbidden = [
    '169.254.1.1',
    '[::ffff:169.254.1.1]',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '[fe80::1]',
    '[fd00:ec2::1]',
    '[fd20:ce::1]',
  ]
  for (const address of forbidden) expect(await reach(`http://${address}/`)).toBe('refused')
  await waitUntil(() => output().split('is not allowed').length === forbidden.length + 1, output)
  await rm(probed, { recursive: true })
})
