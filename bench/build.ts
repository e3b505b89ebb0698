/** Workers as they would be deployed, each in a folder of its own, with the container's configuration of workerd. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const project = join(import.meta.dirname, '..')
const wrangler = join(project, 'node_modules/wrangler/bin/wrangler.js')
const quiet = { WRANGLER_SEND_METRICS: 'false', WRANGLER_SEND_ERROR_REPORTS: 'false', WRANGLER_WRITE_LOGS: 'false' }

/** The service, or a file of `baselines/`. */
export type WorkerName = 'service' | 'hono' | 'verify' | 'pbkdf2' | 'statement' | 'list'

/**
 * Builds a Worker; a baseline with the service's own settings for Wrangler.
 * @returns the path of its configuration for workerd
 */
export async function buildWorker(folder: string, name: WorkerName): Promise<string> {
  const [entry, bundle] = name === 'service' ? [[], 'index.js'] : [[`bench/baselines/${name}.ts`], `${name}.js`]
  const outdir = join(folder, name)
  const args = [wrangler, 'deploy', ...entry, '--dry-run', '--env=', '--outdir', outdir]
  await promisify(execFile)(process.execPath, args, { cwd: project, env: { ...process.env, ...quiet } })
  const configuration = await readFile(join(project, 'container/worker.capnp'), 'utf8')
  const path = join(outdir, 'worker.capnp')
  await writeFile(
    path,
    configuration
      .replace('../dist/index.js', bundle)
      // A baseline gets its statement and its work beside the service's settings.
      .replace('bindings = [', '$&(name = "SQL", fromEnvironment = "SQL"), (name = "WORK", fromEnvironment = "WORK"),'),
  )
  return path
}
