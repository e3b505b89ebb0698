/** Runs every command that README.md and docs/ show with an answer against `npm run dev`, and compares the answers. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyProject, type DevServer, startDev, waitUntilReady } from '../support/process/dev-server.ts'
import { type CodeBlock, findCode, findCodeIn, PAGES } from '../support/process/pages.ts'
import { runOn } from '../support/process/postgres.ts'

const run = promisify(execFile)

/** The languages that answers are shown in. */
const ANSWERS = ['json', 'text']
/** In this order: the first one shows the demo users untouched, the second all users, and the others add some. */
const ANSWERING = ['docs/operating.md', 'docs/api.md', 'docs/mail.md', 'docs/importing.md', 'README.md']

const DATABASE_URL = 'postgres://postgres:postgres@localhost:5488/postgres'

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

/** Puts the ports of this server where a page has the usual ones. */
const withPorts = (text: string) =>
  text.replaceAll('localhost:8787', `localhost:${server.port}`).replaceAll(':5488', `:${server.databasePort}`)

/** Pairs each answer with the commands right above it. */
function findCalls(page: string) {
  return findCode(page).flatMap(({ language, code }, index, blocks) =>
    ANSWERS.includes(language) ? [{ commands: requireCommands(blocks[index - 1], code), answer: code }] : [],
  )
}

function requireCommands(block: CodeBlock | undefined, answer: string): string {
  if (block?.language !== 'sh') throw new Error(`there is no command above ${answer}`)
  return block.code
}

/** Replaces the parts that differ each time: an ellipsis of the page, and the id of a new user. */
function toPattern(answer: string): RegExp {
  const escaped = answer.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(
    `^${escaped.replaceAll('…', '[\\w.-]+').replace(/(?<=resourceId":")[0-9a-f]{24}/, '[0-9a-f]{24}')}\\n?$`,
  )
}

/** Types commands into one shell, where later ones use the variables of earlier ones. */
async function type(commands: readonly string[]): Promise<string[]> {
  const { INIT_CWD: _, ...inherited } = process.env
  const env = { ...inherited, DATABASE_URL: withPorts(DATABASE_URL) }
  const script = commands.map((command) => `${command}\nprintf '\\0'`).join('\n')
  const { stdout } = await run('bash', ['-c', withPorts(script)], { cwd: project.folder, env })
  return stdout.split('\0')
}

test('no other page shows an answer', () => {
  const answering = PAGES.filter((page) => findCode(page).some(({ language }) => ANSWERS.includes(language)))
  expect(answering).toEqual(ANSWERING.toSorted())
})

test.each(ANSWERING)('every command of %s answers what is printed below it', async (page) => {
  const calls = findCalls(page)
  const answers = await type(calls.map(({ commands }) => commands))
  for (const [index, { answer }] of calls.entries()) expect(answers[index]).toMatch(toPattern(withPorts(answer)))
})

test('the typed client runs as docs/tokens.md shows it', async () => {
  const sample = findCodeIn('ts', 'docs/tokens.md').at(-1) ?? ''
  const path = join(project.folder, 'sample.ts')
  await writeFile(path, withPorts(sample))
  expect((await run('node', [path])).stdout).toBe('Token Valid. User Authorized\nDwight\n')
})

test('the statement of docs/operating.md ends the sessions of everybody', async () => {
  const post = async (path: string, body: object) => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await response.json()) as { status: number; refresh_token?: string }
  }
  const { refresh_token } = await post('/login', { username: 'han', password: 'vmware1!' })
  expect(await post('/refresh-token', { refresh_token })).toMatchObject({ status: 200 })
  const [statement = ''] = findCodeIn('sql', 'docs/operating.md')
  await runOn(withPorts(DATABASE_URL), statement)
  expect(await post('/refresh-token', { refresh_token })).toMatchObject({ status: 401 })
})

test('the welcome names the database', () => {
  expect(server.output()).toContain(`psql postgres://postgres:postgres@localhost:${server.databasePort}/postgres`)
})

test('the call that the welcome shows works as printed', async () => {
  const [, command = ''] = /(curl \S+\/login .*)/.exec(server.output()) ?? []
  const { stdout } = await run('bash', ['-c', command])
  expect(stdout).toContain('"access_token"')
})
