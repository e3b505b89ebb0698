/** An incomplete installation: `prepare` without packages, and the commands, which name what is missing. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyProject } from '../support/process/dev-server.ts'

let project: Awaited<ReturnType<typeof copyProject>>
let served: string

/** Runs a script on the Node that this machine has, not on the one in `node_modules/`. */
function run(script: string) {
  const paths = (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))
  return new Promise<{ status: unknown; output: string }>((resolve) => {
    const env = { PATH: paths.join(delimiter), NODE_ENV: 'production' }
    execFile('npm', ['run', '-s', script], { cwd: project.folder, env }, (error, stdout, stderr) => {
      resolve({ status: error ? error.code : 0, output: stdout + stderr })
    })
  })
}

beforeEach(async () => {
  project = await copyProject()
  served = join(project.folder, 'public/swagger-ui')
})

afterEach(() => project.remove())

test('prepare leaves the documentation page as it is if its package is missing, and says so in one line', async () => {
  const before = await readdir(served)
  expect(before).toContain('swagger-ui-bundle.js')
  await rm(join(project.folder, 'node_modules'))
  const { status, output } = await run('prepare')
  expect({ status, output }).toEqual({
    status: 0,
    output: expect.stringMatching(/^.*swagger-ui-dist is not installed\n$/),
  })
  expect(await readdir(served)).toEqual(before)
})

test('prepare copies the files that the page needs, and removes those of an earlier version', async () => {
  const before = await readdir(served)
  await rm(join(served, 'swagger-ui.css'))
  await writeFile(join(served, 'earlier.js'), '')
  expect(await run('prepare')).toEqual({ status: 0, output: '' })
  expect(await readdir(served)).toEqual(before)
})

test('prepare deletes nothing where a file of the package is missing', async () => {
  await rm(join(project.folder, 'node_modules'))
  await mkdir(join(project.folder, 'node_modules/swagger-ui-dist'), { recursive: true })
  const before = await readdir(served)
  const { status } = await run('prepare')
  expect(status).toBe(1)
  expect(await readdir(served)).toEqual(before)
})

const commands = ['dev', 'db', 'deploy', 'db:migrate', 'db:role', 'keys', 'users', 'users:import']

test.each(commands)('%s names the packages that are missing, and the command that brings them', async (script) => {
  await rm(join(project.folder, 'node_modules'))
  const { status, output } = await run(script)
  expect(status).toBe(1)
  expect(output).toMatch(/^The installation lacks .*\d+ packages \(.+\)\. /)
  expect(output).toContain('\n  npm ci --include=dev --ignore-scripts=false\n')
  expect(output).not.toMatch(/^\s+at /m)
})

test.each(['dev', 'deploy'])(
  '%s names the documentation page where the scripts of npm ci have not run',
  async (script) => {
    await rm(served, { recursive: true })
    const { status, output } = await run(script)
    expect({ status, output }).toEqual({
      status: 1,
      output: expect.stringMatching(/^The installation lacks (Node 24 and )?public\/swagger-ui\./),
    })
  },
)
