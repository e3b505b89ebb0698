/** The image, built and run where a container engine is at hand, as on GitHub's runners. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { waitUntil } from '../support/process/dev-server.ts'
import { makeKeys } from '../support/process/service.ts'

const run = promisify(execFile)
const project = join(import.meta.dirname, '../..')
const tag = `acme-user:test-${process.pid}`
const docker = async (...args: string[]) => (await run('docker', args, { cwd: project })).stdout.trim()

const hasEngine = await docker('info').then(
  () => true,
  () => false,
)
if (!hasEngine) console.warn('The image was not built: no container engine answers')

let container: string | undefined

afterAll(async () => {
  if (container) await docker('rm', '--force', container)
  if (hasEngine) await docker('rmi', '--force', tag)
})

test.skipIf(!hasEngine)('the image builds, and serves as nobody from a file system that it cannot write', async () => {
  await docker('build', '--tag', tag, '.')
  const settings = { ...makeKeys(), DATABASE_URL: 'postgres://user:password@db.example/none' }
  const variables = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  container = await docker('run', '--detach', '--read-only', '--publish', '127.0.0.1::8080', ...variables, tag)
  const [, port] = /:(\d+)$/.exec(await docker('port', container, '8080')) ?? []
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
  await waitUntil(
    async () => (await get('/health').catch(() => 0)) === 200,
    () => '/health does not answer',
  )
  // The page comes from `public/`, and the key set needs the keys.
  expect(await get('/docs')).toBe(200)
  expect(await get('/.well-known/jwks.json')).toBe(200)
  expect(await docker('exec', container, 'id', '-u')).toBe('65534')
})
