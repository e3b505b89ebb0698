/** `npm run bench` as a process measures and writes its results. No test judges how fast anything is. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyLoad, FailedLoad, send } from '../../bench/load.ts'
import { createPeerTables, PEER } from '../../bench/peer.ts'
import peers from '../../bench/peers/package.json' with { type: 'json' }
import { writeReport } from '../../bench/report.ts'
import { startLocalDatabase } from '../../local/local-database.ts'
import manifest from '../../package.json' with { type: 'json' }
import { runCommand } from '../support/process/command.ts'
import { findFreePort, runOn } from '../support/process/postgres.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acme-user-bench-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function run(args: string[], env: Record<string, string> = {}) {
  // A process group of its own, so that it ends as a whole.
  const options = { env: { ...process.env, ...env }, detached: true }
  const { errors: progress, ...result } = await runCommand('bench/bench.ts', args, options)
  return { ...result, progress }
}

test('succeeds with a table of what both sides did, on the terminal and in a file', async () => {
  const file = join(folder, 'results.md')
  const short = ['--only', 'verify-token', '--rounds', '1', '--seconds', '1']
  const { status, output, progress } = await run([...short, '--output', file])
  expect({ status, progress }).toEqual({ status: 0, progress: expect.stringContaining('round 1 of 1') })
  const results = await readFile(file, 'utf8')
  expect(output).toContain(results)
  const lines = results.split('\n').filter((line) => line.startsWith('| verify-token '))
  const [outcome = [], ...sides] = lines.map((line) => line.split('|').map((cell) => cell.trim()))
  expect(outcome[5]).toBe('≥ 0.65')
  expect(['met', 'missed']).toContain(outcome[6])
  expect(sides.map(([, , side]) => side)).toEqual(['service', 'baseline'])
  for (const [, , , perSecond] of sides) expect(Number(perSecond?.replaceAll(',', ''))).toBeGreaterThan(0)
})

test.each([
  { args: ['--only', 'nothing'], message: 'Allowed choices are start-up' },
  { args: ['--rounds', '0'], message: 'It must be a whole number from 1.' },
  { args: ['--seconds', 'many'], message: 'It must be a whole number from 1.' },
])('rejects $args before it measures anything', async ({ args, message }) => {
  const { status, output, progress } = await run(args)
  expect({ status, output }).toEqual({ status: 1, output: '' })
  expect(progress).toContain(message)
})

test('prints its usage', async () => {
  const { status, output } = await run(['--help'])
  expect(status).toBe(0)
  expect(output).toContain('--only <NAME>')
  expect(output).toMatch(/--peer\s+better-auth/)
})

test('puts the rows of the peer in a section of their own', async () => {
  const figures = { rate: 10, p50: 1, p99: 2, cpuMs: 0.5, busy: 1 }
  const sides = [
    { figures: { ...figures, rate: 100 }, memory: null },
    { figures, memory: null },
  ]
  const outcome = { service: '100/s', baseline: '10/s', relation: 10, sides }
  const report = await writeReport({ rounds: 1, seconds: 1, tell() {} }, [
    { ...outcome, row: 'verify-token' },
    { ...outcome, row: 'session-check', peer: 'A peer 1.0', target: { sign: '≥', value: 10 } },
  ])
  const lines = report.split('\n').map((line) => line.replaceAll(/ +/g, ' '))
  expect(lines.filter((line) => /^#|^\| (row|verify-token|session-check) /.test(line))).toEqual([
    '# Benchmarks',
    '| row | service | baseline | measured | target | |',
    '| verify-token | 100/s | 10/s | 10.00 | | |',
    '## Beside A peer 1.0',
    '| row | service | A peer 1.0 | measured | target | |',
    '| session-check | 100/s | 10/s | 10.00 | ≥ 10 | met |',
    '## Both sides under load',
    '| row | side | per second | p50 ms | p99 ms | CPU ms each | core busy | memory MiB | peak MiB |',
    '| verify-token | service | 100 | 1 | 2 | 0.5 | 100% | – | – |',
    '| verify-token | baseline | 10 | 1 | 2 | 0.5 | 100% | – | – |',
    '| session-check | service | 100 | 1 | 2 | 0.5 | 100% | – | – |',
    '| session-check | A peer 1.0 | 10 | 1 | 2 | 0.5 | 100% | – | – |',
  ])
})

test('sends the headers of a call, alone and under load, and fails without a 2xx', async () => {
  const server = createServer(({ headers }, response) => response.writeHead(headers.cookie === 'a=b' ? 200 : 401).end())
  const port = await findFreePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${port}`
  const side = { url, readCpuMs: async () => null, readMemory: async () => null, stop: async () => {} }
  const call = { path: '/', headers: { cookie: 'a=b' } }
  const load = { connections: 1, seconds: 1, requests: 2 }
  await send(side, call)
  await expect(send(side, { path: '/' })).rejects.toThrow(FailedLoad)
  expect((await applyLoad(side, { ...load, traffic: [call] })).rate).toBeGreaterThan(0)
  await expect(applyLoad(side, { ...load, traffic: [{ path: '/' }] })).rejects.toThrow(FailedLoad)
  server.close()
  server.closeAllConnections()
})

test('makes the tables of the peer beside those of the service', async () => {
  const local = await startLocalDatabase()
  const listTables = async () => {
    const { rows } = await runOn(
      local.url,
      "SELECT format('%s.%s', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'better_auth')",
    )
    return rows.map(({ name }) => name)
  }
  const before = await listTables()
  await createPeerTables(local.url)
  const added = (await listTables()).filter((name) => !before.includes(name))
  await local.close()
  expect(before).toContain('public.users')
  expect(added.toSorted()).toEqual(
    ['account', 'jwks', 'session', 'user', 'verification'].map((name) => `better_auth.${name}`),
  )
})

test('pins the version of the peer, which is no dependency of the project', () => {
  expect(peers.dependencies['better-auth']).toMatch(/^\d+\.\d+\.\d+$/)
  expect({ ...manifest.dependencies, ...manifest.devDependencies }).not.toHaveProperty('better-auth')
})

test('rejects --peer before it measures anything where the peer cannot be installed', async () => {
  const nowhere = { npm_config_registry: 'http://localhost:1', npm_config_fetch_retries: '0', npm_config_cache: folder }
  const { status, output, progress } = await run(['--peer'], nowhere)
  expect({ status, output }).toEqual({ status: 1, output: '' })
  expect(progress).toBe(`installing ${PEER}\n${PEER} cannot be installed: run \`npm ci\` in bench/peers to see why\n`)
})
