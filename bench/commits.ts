/**
 * `npm run bench:commits`: what people wait for at two commits, each in a fresh clone, by turns: to install the service, to
 * start it and to test it.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Command, Option } from 'commander'
import { runCommand } from '../ops/terminal.ts'
import { startDev, waitUntil } from '../test/support/process/dev-server.ts'
import { median } from './compare.ts'
import { toCount } from './count.ts'
import { formatNumber, meets } from './outcome.ts'
import { tell } from './progress.ts'

/** What is measured in a clone, in seconds or packages, and the most that it may be of what it was. */
interface Row {
  target: number
  measure(folder: string): Promise<number>
}

const rows: Record<string, Row> = {
  packages: { target: 0.55, measure: countPackages },
  install: { target: 0.65, measure: (folder) => time(() => install(folder)) },
  'install-and-start': {
    target: 0.65,
    async measure(folder) {
      for (const name of ['.data', '.dev.vars']) await rm(join(folder, name), { recursive: true, force: true })
      return (await time(() => install(folder))) + (await timeStart(folder))
    },
  },
  start: { target: 0.8, measure: timeStart },
  'one-file': {
    target: 1,
    measure: (folder) => time(() => run(folder, 'npx', 'vitest', 'run', 'test/routes/login.test.ts')),
  },
  test: { target: 0.45, measure: (folder) => time(() => run(folder, 'npm', 'test')) },
  ci: { target: 0.6, measure: (folder) => time(() => run(folder, '.ci/run')) },
}

interface Flags {
  rounds: number
  only?: string[]
}

await runCommand(async (stopped) => {
  const program = new Command('npm run bench:commits --')
    .description(
      'Measures what people wait for at two commits, each in a fresh clone, by turns, and prints the medians.',
    )
    .argument('<before>', 'a commit')
    .argument('[after]', 'another', 'HEAD')
    .option('--rounds <N>', 'how often each is measured', toCount, 3)
    .addOption(new Option('--only <NAMES...>', 'some rows, in place of all').choices(Object.keys(rows)))
    .showHelpAfterError('--help explains the flags')
    .action(async (before: string, after: string, flags: Flags) =>
      Promise.race([compareCommits([before, after], flags), stopped.then(() => process.exit(130))]),
    )
  await program.parseAsync()
  return 0
})

async function compareCommits(commits: [string, string], { rounds, only }: Flags): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-commits-'))
  const clones = await Promise.all(commits.map((commit, index) => clone(commit, join(folder, String(index)))))
  for (const path of clones) {
    tell(`installing in ${path}`)
    await install(path)
  }
  console.log('| row | before | after | after / before | target | |\n| --- | --- | --- | --- | --- | --- |')
  for (const [name, { target, measure }] of Object.entries(rows)) {
    if (only && !only.includes(name)) continue
    const measured = clones.map((): number[] => [])
    for (let round = 1; round <= rounds; round++) {
      for (const [index, path] of clones.entries()) {
        tell(`${name}: round ${round} of ${rounds}, ${commits[index]}`)
        measured[index]?.push(await measure(path))
      }
    }
    const [before = Number.NaN, after = Number.NaN] = measured.map(median)
    const verdict = meets(after / before, { sign: '≤', value: target }) ? 'met' : 'missed'
    const cells = [name, ...[before, after, after / before].map(formatNumber), `≤ ${target}`, verdict]
    console.log(`| ${cells.join(' | ')} |`)
  }
  await rm(folder, { recursive: true })
}

async function clone(commit: string, folder: string): Promise<string> {
  await run('.', 'git', 'clone', '--quiet', '.', folder)
  await run(folder, 'git', 'checkout', '--quiet', await readHash(commit))
  return folder
}

async function readHash(commit: string): Promise<string> {
  return (await run('.', 'git', 'rev-parse', '--verify', `${commit}^{commit}`)).trim()
}

async function install(folder: string): Promise<void> {
  await rm(join(folder, 'node_modules'), { recursive: true, force: true })
  await run(folder, 'npm', 'ci')
}

async function countPackages(folder: string): Promise<number> {
  const { packages } = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
  return Object.keys(packages).length
}

/** Starts `npm run dev`; returns the seconds until `GET /users` answers. */
async function timeStart(folder: string): Promise<number> {
  const start = performance.now()
  const server = await startDev(folder)
  const answers = () =>
    fetch(`${server.url}/users`).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitUntil(answers, server.output)
  const seconds = (performance.now() - start) / 1000
  server.process.kill('SIGINT')
  await server.exited
  return seconds
}

async function time(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await action()
  return (performance.now() - start) / 1000
}

/** Runs a program to its end; returns the text that it has printed. */
async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { cwd, maxBuffer: Number.POSITIVE_INFINITY })).stdout
}
