/** Runs the container's command on this machine, with an environment of the test's choice and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { waitUntil } from './dev-server.ts'
import { findFreePort } from './postgres.ts'
import { type Calls, createCalls, makeKeys, patient } from './service.ts'

const workerd = join(import.meta.dirname, '../../../node_modules/workerd/bin')

/** A started container. */
export interface Container extends Calls {
  process: ChildProcess
  port: number
  /** Returns the text that it has printed so far. */
  output(): string
  /** Its exit status. */
  exited: Promise<number | null>
}

/**
 * Starts the command on a free port and waits until the port is open.
 * @param app the folder from which it serves: `inject('app')`
 */
export async function startContainer(app: string, settings: Record<string, string>): Promise<Container> {
  const port = await findFreePort()
  const child = spawnEntrypoint(app, { PORT: String(port), ...settings })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const exited = once(child, 'close').then(([status]) => status)
  await waitUntil(
    async () => child.exitCode !== null || (await isOpen(port)),
    () => output,
  )
  if (child.exitCode !== null) throw new Error(`the container ended: ${output}`)
  const calls = createCalls((path, call) => fetch(`http://127.0.0.1:${port}${path}`, call))
  return { process: child, port, output: () => output, exited, ...calls }
}

/** Makes settings for the service in a container, with new keys. */
export function describeService(databaseUrl: string, settings: Record<string, string> = {}): Record<string, string> {
  return { DATABASE_URL: databaseUrl, ...makeKeys(), ...patient, ...settings }
}

/** Runs the image's command. It finds workerd before the programs of this machine, and only Mozilla's authorities. */
export function spawnEntrypoint(app: string, env: Record<string, string>) {
  const programs = {
    PATH: `${workerd}:/usr/bin:/bin`,
    SSL_CERT_FILE: join(app, 'ca-certificates.crt'),
    SSL_CERT_DIR: join(app, 'none'),
  }
  return spawn('sh', ['container/serve.sh'], {
    cwd: app,
    env: { ...programs, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Whether somebody listens on a port of this machine. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return open
}
