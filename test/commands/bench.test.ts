/** `npm run bench` as a process: that it measures and writes what it measured. How fast anything is, no test says. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acme-user-bench-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function run(...args: string[]) {
  const child = spawn(process.execPath, [join(project, 'bench/bench.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, progress] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, output, progress }
}

test('succeeds with a table of what both sides did, on the terminal and in a file', async () => {
  const file = join(folder, 'results.md')
  const { status, output, progress } = await run(
    ...['--only', 'verify-token', '--rounds', '1', '--seconds', '1', '--output', file],
  )
  expect({ status, progress }).toEqual({ status: 0, progress: expect.stringContaining('round 1 of 1') })
  const results = await readFile(file, 'utf8')
  expect(output).toContain(results)
  const lines = results.split('\n').filter((line) => line.startsWith('| verify-token '))
  const [outcome = [], ...sides] = lines.map((line) => line.split('|').map((cell) => cell.trim()))
  expect(outcome[5]).toBe('≥ 0.75')
  expect(['met', 'missed']).toContain(outcome[6])
  expect(sides.map(([, , side]) => side)).toEqual(['service', 'limit'])
  for (const [, , , perSecond] of sides) expect(Number(perSecond?.replaceAll(',', ''))).toBeGreaterThan(0)
})

test.each([
  { args: ['--only', 'nothing'], message: 'Allowed choices are start-up' },
  { args: ['--rounds', '0'], message: 'It must be a whole number from 1.' },
  { args: ['--seconds', 'many'], message: 'It must be a whole number from 1.' },
])('rejects $args before it measures anything', async ({ args, message }) => {
  const { status, output, progress } = await run(...args)
  expect({ status, output }).toEqual({ status: 1, output: '' })
  expect(progress).toContain(message)
})

test('tells how it is used', async () => {
  const { status, output } = await run('--help')
  expect(status).toBe(0)
  expect(output).toContain('--only <NAME>')
})
