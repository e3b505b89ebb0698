/** Bundles Workers as they would be deployed, and makes the folder from which the container serves. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { promisify } from 'node:util'
import { quiet } from '../../../local/wrangler.ts'

const project = join(import.meta.dirname, '../../..')
const wrangler = join(project, 'node_modules/wrangler/bin/wrangler.js')

/**
 * Bundles a Worker into a folder, with the service's own settings for Wrangler.
 * @param entry its file; the service's if it is left out
 */
export async function bundleWorker(outdir: string, entry?: string): Promise<void> {
  const args = [wrangler, 'deploy', ...(entry ? [entry] : []), '--dry-run', '--env=', '--outdir', outdir]
  await promisify(execFile)(process.execPath, args, { cwd: project, env: { ...process.env, ...quiet } })
}

/** Makes the container's folder in a temporary place, and returns its path. */
export async function buildApp(): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'acme-user-app-'))
  await bundleWorker(join(app, 'dist'))
  for (const name of ['container', 'public']) await cp(join(project, name), join(app, name), { recursive: true })
  await writeFile(join(app, 'ca-certificates.crt'), rootCertificates.join('\n'))
  return app
}
