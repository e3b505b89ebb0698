/** Makes the folder from which the container serves, with the bundle that would be deployed. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { promisify } from 'node:util'

const project = join(import.meta.dirname, '../../..')
const wrangler = join(project, 'node_modules/wrangler/bin/wrangler.js')

/** Builds it in a temporary folder, and returns the path. */
export async function buildApp(): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'acme-user-app-'))
  const args = [wrangler, 'deploy', '--dry-run', '--env=', '--outdir', join(app, 'dist')]
  await promisify(execFile)(process.execPath, args, { cwd: project })
  for (const name of ['container', 'public']) await cp(join(project, name), join(app, name), { recursive: true })
  await writeFile(join(app, 'ca-certificates.crt'), rootCertificates.join('\n'))
  return app
}
