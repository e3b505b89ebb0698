/** The image's command, run on this machine with an environment of the test's choice and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { waitUntil } from './dev-server.ts'
import type { Image } from './image.ts'
import { findFreePort } from './postgres.ts'

/** A started container. */
export interface Container {
  process: ChildProcess
  port: number
  /** What it has printed so far. */
  output(): string
  /** Its exit status. */
  exited: Promise<number | null>
  call(method: string, path: string, body?: unknown, token?: string): Promise<ContainerAnswer>
  get(path: string): Promise<ContainerAnswer>
  post(path: string, body: unknown): Promise<ContainerAnswer>
}

/** An answer, as it came and parsed. */
export interface ContainerAnswer {
  status: number
  text: string
  json: Record<string, unknown>
}

/** Starts it on a free port and waits until that is open. */
export async function startContainer(image: Image, settings: Record<string, string>): Promise<Container> {
  const port = await findFreePort()
  const child = spawnEntrypoint(image, { PORT: String(port), ...settings })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const exited = once(child, 'close').then(([status]) => status)
  await waitUntil(
    async () => child.exitCode !== null || (await isOpen(port)),
    () => output,
  )
  if (child.exitCode !== null) throw new Error(`the container ended: ${output}`)
  const call: Container['call'] = async (method, path, body, token) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} }
  }
  return {
    process: child,
    port,
    output: () => output,
    exited,
    call,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
  }
}

/** Settings for the service in a container: keys made for it, and the cheapest passwords. */
export function describeService(databaseUrl: string, settings: Record<string, string> = {}): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
    REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
    PBKDF2_ITERATIONS: '1000',
    // Hundreds of calls at once may wait for their turn on a small machine.
    DATABASE_TIMEOUT_SECONDS: '60',
    ...settings,
  }
}

/** Runs what the image runs. Programs are looked for in the image before this machine, authorities in the image alone. */
export function spawnEntrypoint({ root, workdir, entrypoint }: Image, env: Record<string, string>) {
  const [program = '', ...args] = entrypoint
  const programs = {
    PATH: `${join(root, 'usr/local/bin')}:/usr/bin:/bin`,
    SSL_CERT_FILE: join(root, 'etc/ssl/certs/ca-certificates.crt'),
    SSL_CERT_DIR: join(root, 'etc/ssl/none'),
  }
  return spawn(program, args, { cwd: workdir, env: { ...programs, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
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
