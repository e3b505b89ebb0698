/** Every call that the README shows, run against `npm run dev`: it answers what the README prints. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyProject, type DevServer, startDev, waitUntilReady } from './dev-server.ts'

const run = promisify(execFile)
const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')

/** Each printed answer with the command above it; a second answer is that of the same command run again. */
function findCalls(): { command: string; answer: string }[] {
  let command = ''
  return [...readme.matchAll(/```(sh|json)\n(.*?)```/gs)].flatMap(([, language, text = '']) => {
    if (language === 'sh') command = text
    return language === 'json' ? [{ command, answer: text.trim() }] : []
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
  expect(calls.length).toBeGreaterThanOrEqual(10)
  for (const { command, answer } of calls) {
    const { stdout } = await run('bash', ['-c', command.replaceAll('localhost:8787', `localhost:${server.port}`)])
    expect(stdout).toMatch(toPattern(answer))
  }
})

test('the call that the welcome shows works as printed', async () => {
  const [, command = ''] = /(curl \S+\/login .*)/.exec(server.output()) ?? []
  const { stdout } = await run('bash', ['-c', command])
  expect(stdout).toContain('"access_token"')
})
