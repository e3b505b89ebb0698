/** Once for the tests with processes: the folder from which the container serves, with the bundle that would be deployed. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

const project = join(import.meta.dirname, '../../..')
const wrangler = join(project, 'node_modules/wrangler/bin/wrangler.js')

/** Called by Vitest; the function it returns runs after the last test. */
export default async function setup({ provide }: TestProject) {
  const app = await mkdtemp(join(tmpdir(), 'acme-user-app-'))
  const args = [wrangler, 'deploy', '--dry-run', '--env=', '--outdir', join(app, 'dist')]
  await promisify(execFile)(process.execPath, args, { cwd: project })
  for (const name of ['container', 'public']) await cp(join(project, name), join(app, name), { recursive: true })
  await writeFile(join(app, 'ca-certificates.crt'), rootCertificates.join('\n'))
  provide('app', app)
  return () => rm(app, { recursive: true })
}
