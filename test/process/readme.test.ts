/** Every call that the README shows, run against `npm run dev`: it answers what the README prints. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyProject, type DevServer, startDev, waitUntilReady } from '../support/process/dev-server.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const readme = await readFile(join(root, 'README.md'), 'utf8')

/** Each printed answer with the commands above it; a second answer is that of their last line, run again. */
function findCalls(): { commands: string; answer: string }[] {
  const section = readme.slice(readme.indexOf('## The calls'), readme.indexOf('### Refusals'))
  let commands = ''
  return [...section.matchAll(/```(sh|json)\n(.*?)\n```/gs)].flatMap(([, language, text = '']) => {
    if (language === 'sh') {
      commands = text
      return []
    }
    const call = { commands, answer: text }
    commands = commands.split('\n').at(-1) ?? ''
    return [call]
  })
}

/** What is made anew each time is shown with an ellipsis, or is the id of a new user. */
function toPattern(answer: string): RegExp {
  const escaped = answer.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(
    `^${escaped.replaceAll('…', '[\\w.-]+').replace(/(?<=resourceId":")[0-9a-f]{24}/, '[0-9a-f]{24}')}$`,
  )
}

let project: Awaited<ReturnType<typeof copyProject>>
let server: DevServer

beforeAll(async () => {
  project = await copyProject()
  server = await waitUntilReady(await startDev(project.folder))
})

afterAll(async () => {
  server.process.kill('SIGINT')
  await server.exited
  await project.remove()
})

test('every call answers what the README prints', async () => {
  const calls = findCalls()
  expect(calls.length).toBeGreaterThanOrEqual(15)
  // One shell for all of them: later calls use what earlier ones have put into variables.
  const script = calls.map(({ commands }) => `${commands}\nprintf '\\0'`).join('\n')
  const { stdout } = await run('bash', ['-c', script.replaceAll('localhost:8787', `localhost:${server.port}`)])
  const answers = stdout.split('\0')
  for (const [index, { answer }] of calls.entries()) expect(answers[index]).toMatch(toPattern(answer))
})

test('the typed client runs as the README shows it', async () => {
  const [, sample = ''] = /## A typed client.*?```ts\n(.*?)```/s.exec(readme) ?? []
  const path = join(project.folder, 'sample.ts')
  await writeFile(path, sample.replace('localhost:8787', `localhost:${server.port}`))
  expect((await run('node', [path])).stdout).toBe('Token Valid. User Authorized\nDwight\n')
})

test('the welcome names the database', () => {
  expect(server.output()).toContain(`psql postgres://postgres:postgres@localhost:${server.databasePort}/postgres`)
})

test('the call that the welcome shows works as printed', async () => {
  const [, command = ''] = /(curl \S+\/login .*)/.exec(server.output()) ?? []
  const { stdout } = await run('bash', ['-c', command])
  expect(stdout).toContain('"access_token"')
})
