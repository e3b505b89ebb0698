/** httpYac runs `api.http` against `npm run dev`: each answer is as its heading says, and no call is missing. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import document from '../../public/openapi.json'
import { copyProject, type DevServer, startDev, waitUntilReady } from '../support/process/dev-server.ts'
import { findFreePort } from '../support/process/postgres.ts'

const root = join(import.meta.dirname, '../..')
const httpyac = join(root, 'test/httpyac/node_modules/httpyac/bin/httpyac.js')
const file = await readFile(join(root, 'api.http'), 'utf8')
const headings = [...file.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)

/** httpYac's report of a run. A request whose references cannot be resolved is not sent. */
const report = z.object({
  requests: z.array(
    z.object({
      title: z.string(),
      testResults: z.array(z.object({ status: z.string() })),
      response: z.optional(
        z.object({
          statusCode: z.number(),
          request: z.object({
            method: z.string(),
            url: z.string(),
            headers: z.record(z.string(), z.string()),
            body: z.optional(z.string()),
          }),
        }),
      ),
    }),
  ),
})

let project: Awaited<ReturnType<typeof copyProject>>
let server: DevServer
let run: Awaited<ReturnType<typeof send>>
let usersBefore: string

/** Sends every request of a file; `passed` are the headings that hold. */
async function send(name: string) {
  const args = [httpyac, 'send', name, '--all', '--json', '--var', `host=${server.url}`]
  const child = spawn(process.execPath, args, { cwd: project.folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const { requests } = report.parse(await json(child.stdout))
  const [status] = await exited
  const passed = requests.filter(({ testResults }) => testResults.length === 1 && testResults[0]?.status === 'SUCCESS')
  return { status, requests, passed: passed.map(({ title }) => title) }
}

const listUsers = async () => (await fetch(`${server.url}/users`)).text()

beforeAll(async () => {
  await promisify(execFile)('npm', ['run', 'prehttp'], { cwd: root })
  project = await copyProject()
  for (const name of ['api.http', 'httpyac.config.cjs']) await cp(join(root, name), join(project.folder, name))
  server = await waitUntilReady(await startDev(project.folder))
  usersBefore = await listUsers()
  run = await send('api.http')
})

afterAll(async () => {
  server.process.kill('SIGINT')
  await server.exited
  await project.remove()
})

test('every call answers as its heading says', () => {
  expect(run.passed).toEqual(headings)
  expect(run.status).toBe(0)
})

test('the users are the same at the end as before', async () => {
  expect(await listUsers()).toBe(usersBefore)
})

test('every reference to an earlier answer finds a value', () => {
  const unresolved = run.requests.filter(({ response }) =>
    /\{\{|undefined|\bnull\b/.test(JSON.stringify(response?.request ?? null)),
  )
  expect(unresolved.map(({ title }) => title)).toEqual([])
})

test('every documented call has a request that succeeds, unless it needs a message or another key', () => {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  )
  const succeeded = run.requests.flatMap(({ response }) =>
    response && response.statusCode < 300
      ? [`${response.request.method} ${new URL(response.request.url).pathname}`]
      : [],
  )
  const missing = routes.filter(({ method, path }) => {
    const pattern = new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    return !succeeded.some((call) => pattern.test(call))
  })
  expect(routes.length).toBeGreaterThan(10)
  // The token of a message is in no file, and an issuer with a shared secret has no metadata.
  expect(missing).toEqual([
    { method: 'PUT', path: '/password-reset' },
    { method: 'PUT', path: '/email-verification' },
    { method: 'GET', path: '/.well-known/openid-configuration' },
    { method: 'GET', path: '/.well-known/oauth-authorization-server' },
  ])
})

test('a call with another status, another message or a reference to nothing fails', async () => {
  const [head = '', call = ''] = file.split(/^### (?=The Worker|The store)/m)
  const changes = [
    call.replace('200 OK', '201 OK'),
    call.replace('200 OK', '200 Fine'),
    call.replace('/health', '/{{nobody.response.body.$.id}}'),
  ]
  expect(new Set([call, ...changes]).size).toBe(4)
  await writeFile(join(project.folder, 'changed.http'), [head, call, ...changes].join('### '))
  const { status, requests, passed } = await send('changed.http')
  expect(requests.length).toBe(4)
  expect(passed).toEqual(headings.slice(0, 1))
  expect(status).toBeGreaterThan(0)
})

test('a call by mail may be 404 as well, for a service without mail, and no other call may', async () => {
  const [head = ''] = file.split('### ', 1)
  const calls = ['Asked where mail is on: 202 Accepted', 'Asked: 202 Accepted', 'Asked where mail is on: 202 Accepted']
  const paths = ['/nope', '/nope', '/login']
  const requests = calls.map((heading, n) => `${heading}\nGET {{host}}${paths[n]}\n\n`)
  await writeFile(join(project.folder, 'by-mail.http'), [head, ...requests].join('### '))
  expect((await send('by-mail.http')).passed).toEqual(calls.slice(0, 1))
})

test('says in few lines that no service answers, and how to start one', async () => {
  const host = `http://localhost:${await findFreePort()}`
  const child = spawn('npm', ['run', '-s', 'http', '--', '--var', `host=${host}`], { cwd: root })
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  expect(output).toContain(`Nothing answers at ${host}: start the service with npm run dev`)
  expect(output.trim().split('\n').length).toBeLessThan(12)
  expect(status).toBeGreaterThan(0)
})

test('uses only the features that all editors named in it have', () => {
  const [definitions, others] = [/^@.*$/gm, /^(?:\?\?|[<>]|\{\{|###[^ ]|# @(?!name \w+\n[A-Z]+ )).*$/gm]
  expect(file.match(definitions)).toEqual(['@host = http://localhost:8787'])
  expect(file.match(others)).toBeNull()
  const names = new Set<string | undefined>()
  for (const request of file.split(/^### /m)) {
    for (const [, variable = ''] of request.matchAll(/\{\{(.+?)\}\}/g)) {
      const [, name] = /^(\w+)\.response\.body\.\$(?:\.\w+)+$/.exec(variable) ?? []
      expect(names.has(name) || ['host', '$timestamp'].includes(variable), variable).toBe(true)
    }
    names.add(/^# @name (\w+)$/m.exec(request)?.[1] ?? '')
  }
})
