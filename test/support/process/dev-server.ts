/** Runs `npm run dev` in a folder of its own, so that a developer's data and keys stay out of the tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from './postgres.ts'

const project = join(import.meta.dirname, '../../..')

/** A started `npm run dev`; the process is npm. */
export interface DevServer {
  process: ChildProcess
  url: string
  port: number
  databasePort: number
  /** Returns the text that it has printed so far. */
  output(): string
  /** Its exit status. */
  exited: Promise<number | null>
}

/** Copies the files that `npm run dev` needs into an empty folder, and links the packages. */
export async function copyProject(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-dev-'))
  for (const name of [
    'src',
    'local',
    'ops',
    'scripts',
    'migrations',
    'public',
    'wrangler.toml',
    'package.json',
    'tsconfig.json',
  ]) {
    await cp(join(project, name), join(folder, name), { recursive: true })
  }
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Options of `startDev`. By default it takes free ports, no further flags and the embedded database. */
export interface DevOptions {
  port?: number
  databasePort?: number
  flags?: readonly string[]
  databaseUrl?: string
}

/** Starts `npm run dev`. */
export async function startDev(folder: string, options: DevOptions = {}): Promise<DevServer> {
  const port = options.port ?? (await findFreePort())
  const databasePort = options.databasePort ?? (await findFreePort())
  const args = ['run', 'dev', '--', '--port', String(port), '--db-port', String(databasePort), ...(options.flags ?? [])]
  const { DATABASE_URL: _, ...inherited } = process.env
  const env = { ...inherited, ...(options.databaseUrl && { DATABASE_URL: options.databaseUrl }) }
  // A process group of its own ends as a whole: a command that still loads does not notice that its npm was killed.
  const child = spawn('npm', args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return {
    process: child,
    url: `http://localhost:${port}`,
    port,
    databasePort,
    output: () => output,
    exited: once(child, 'exit').then(([status]) => status),
  }
}

/** Waits for its welcome, which it prints when the Worker answers. */
export async function waitUntilReady(server: DevServer): Promise<DevServer> {
  await waitUntil(() => server.output().includes('Ctrl-C') || server.process.exitCode !== null, server.output)
  if (server.process.exitCode !== null) throw new Error(`npm run dev ended: ${server.output()}`)
  return server
}

/** Waits up to four minutes for a condition, as a busy machine may need. If it fails, `describe` gives the message. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, describe: () => string): Promise<void> {
  const deadline = Date.now() + 240_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${describe()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
