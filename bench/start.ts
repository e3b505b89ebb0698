/** Measures the start of an isolate: the CPU time in which its global scope is compiled and run. */
import { readFile, writeFile } from 'node:fs/promises'
import { SETTINGS } from './settings.ts'
import { startWorkerd } from './workerd.ts'

/** The isolates of one process, as on Cloudflare. With so many of them, the process's own start hardly counts. */
const ISOLATES = 10

/**
 * Starts a Worker `ISOLATES` times.
 * @returns the CPU time of one start in milliseconds, or null if the system does not say
 */
export async function spendStart(configuration: string): Promise<number | null> {
  const workerd = await startWorkerd(await multiply(configuration), SETTINGS)
  // The port is open, so all of them have started.
  const cpuMs = await workerd.readCpuMs()
  await workerd.stop()
  return cpuMs && cpuMs / ISOLATES
}

async function multiply(configuration: string): Promise<string> {
  const text = await readFile(configuration, 'utf8')
  const copies = Array.from({ length: ISOLATES - 1 }, (_, index) => `(name = "copy-${index}", worker = .user),`)
  const path = configuration.replace(/\.capnp$/, '-copies.capnp')
  await writeFile(path, text.replace('services = [', `$&${copies.join('')}`))
  return path
}
