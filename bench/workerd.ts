/** Runs workerd as a process: starts it, measures what it uses, and ends it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const project = join(import.meta.dirname, '..')
const program = join(project, 'node_modules/workerd/bin/workerd')

/** A running workerd. */
export interface Workerd {
  url: string
  /** The CPU time of all its threads so far, in milliseconds; null where the system does not say. */
  readCpuMs(): Promise<number | null>
  /** Its memory now, and the most that it has had, in MiB; null where the system does not say. */
  readMemory(): Promise<Memory | null>
  stop(): Promise<void>
}

/** In MiB. */
export interface Memory {
  now: number
  peak: number
}

const listeningSchema = z.object({ event: z.literal('listen'), port: z.number() })

/**
 * Serves a built Worker, and returns once its port is open. The Worker gets these settings and nothing else of the
 * environment. Its log is dropped.
 */
export async function startWorkerd(configuration: string, settings: Record<string, string>): Promise<Workerd> {
  // It takes any free port, and says on the last descriptor which one.
  const args = ['serve', configuration, '--socket-addr=http=127.0.0.1:0', '--control-fd=3']
  // Paths in the configuration are relative to the folder in which serve.sh starts workerd.
  const cwd = join(project, 'container')
  const child = spawn(program, args, { cwd, env: settings, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(child, 'exit')
  return {
    url: `http://127.0.0.1:${await readPort(child)}`,
    readCpuMs: () => readCpuMs(child),
    readMemory: () => readMemory(child),
    async stop() {
      kill()
      process.off('exit', kill)
      await exited
    },
  }
}

async function readPort({ stdio, stderr }: ChildProcess): Promise<number> {
  const [, , , control] = stdio
  // Standard error is read in any case, because workerd would otherwise wait when the pipe is full.
  const complaint = stderr ? text(stderr) : Promise.resolve('')
  if (!(control instanceof Readable)) throw new TypeError('workerd has no control descriptor')
  for await (const line of createInterface(control)) return listeningSchema.parse(JSON.parse(line)).port
  throw new Error(`workerd did not start: ${await complaint}`)
}

/** Reads the scheduler's counters, which are in nanoseconds; `stat` has only hundredths of a second. */
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

async function readMemory({ pid }: ChildProcess): Promise<Memory | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
  const [now, peak] = [read('VmRSS'), read('VmHWM')]
  return now && peak ? { now, peak } : null
}
