/** workerd as a process: started, asked what it has used, and ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findFreePort } from '../test/node/postgres.ts'

const program = join(import.meta.dirname, '../node_modules/workerd/bin/workerd')
/** From here the configuration finds `public/`. */
const container = join(import.meta.dirname, '../container')

const START_SECONDS = 20

/** A running workerd. */
export interface Workerd {
  url: string
  /** The CPU time of all its threads so far, in milliseconds; null where the system does not say. */
  readCpuMs(): Promise<number | null>
  /** Its memory now, and the most that it has had, in MiB; null where the system does not say. */
  readMemory(): Promise<{ now: number; peak: number } | null>
  stop(): Promise<void>
}

/** Serves a built Worker, with these settings and nothing else of the environment. What it logs is dropped. */
export async function startWorkerd(configuration: string, settings: Record<string, string>): Promise<Workerd> {
  const port = await findFreePort()
  const args = ['serve', configuration, '--socket-addr', `http=127.0.0.1:${port}`]
  const child = spawn(program, args, { cwd: container, env: settings, stdio: 'ignore' })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    url: `http://127.0.0.1:${port}`,
    readCpuMs: () => readCpuMs(child),
    readMemory: () => readMemory(child),
    async stop() {
      kill()
      process.off('exit', kill)
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** Asks until it answers, whatever the answer. */
export async function waitForAnswer(request: () => Promise<Response>): Promise<Response> {
  for (const deadline = performance.now() + START_SECONDS * 1000; ; await setTimeout(1)) {
    try {
      return await request()
    } catch (error) {
      if (performance.now() > deadline) throw new Error('workerd did not answer', { cause: error })
    }
  }
}

/** The scheduler counts in nanoseconds, where `stat` has hundredths of a second. */
async function readCpuMs({ pid }: ChildProcess): Promise<number | null> {
  try {
    const threads = await readdir(`/proc/${pid}/task`)
    const times = threads.map(async (thread) => {
      const [nanoseconds] = (await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')).split(' ')
      return Number(nanoseconds) / 1e6
    })
    return (await Promise.all(times)).reduce((sum, time) => sum + time, 0)
  } catch {
    return null
  }
}

async function readMemory({ pid }: ChildProcess): Promise<{ now: number; peak: number } | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const [now, peak] = ['VmRSS', 'VmHWM'].map(
    (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024,
  )
  return now && peak ? { now, peak } : null
}
