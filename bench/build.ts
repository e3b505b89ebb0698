/** Builds Workers as they would be deployed, each in a folder of its own, with the container's workerd configuration. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleWorker } from '../test/support/process/app.ts'

const project = join(import.meta.dirname, '..')

/** The service, a file of `baselines/`, or the one of `peers/`. */
export type WorkerName = 'service' | 'hono' | 'verify' | 'pbkdf2' | 'statement' | 'list' | 'better-auth'

/** Settings that baselines and the peer have beside the service's. */
const SETTINGS_BESIDE = ['SQL', 'WORK', 'NODE_ENV', 'TUNED']

/**
 * Builds a Worker, with the same settings for Wrangler as the service.
 * @returns the path of its configuration for workerd
 */
export async function buildWorker(folder: string, name: WorkerName): Promise<string> {
  const entry = name === 'service' ? undefined : `bench/${name === 'better-auth' ? 'peers' : 'baselines'}/${name}.ts`
  const outdir = join(folder, name)
  await bundleWorker(outdir, entry)
  const configuration = await readFile(join(project, 'container/worker.capnp'), 'utf8')
  const path = join(outdir, 'worker.capnp')
  const bindings = SETTINGS_BESIDE.map((setting) => `(name = "${setting}", fromEnvironment = "${setting}"),`)
  await writeFile(
    path,
    configuration.replace('../dist/index.js', nameBundle(name)).replace('bindings = [', `$&${bindings.join(' ')}`),
  )
  return path
}

/** The file of a bundle, beside its configuration for workerd. */
export function nameBundle(name: WorkerName): string {
  return name === 'service' ? 'index.js' : `${name}.js`
}
