/** Compares the Dockerfile and the container's configuration with the rest of the project. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(project, path), 'utf8')

/** The Dockerfile, each instruction on one line. */
const dockerfile = read('Dockerfile').replaceAll(/\\\n\s*/g, '')
const valuesOf = (keyword: string) =>
  [...dockerfile.matchAll(RegExp(`^${keyword} (.*)$`, 'gm'))].map(([, value]) => value)
const manifest = JSON.parse(read('package.json'))
const configuration = read('container/worker.capnp')

test('base images are pinned by digest, and Node is the one that the scripts run on', () => {
  const bases = valuesOf('FROM')
  expect(bases).toHaveLength(2)
  for (const base of bases) expect(base).toMatch(/^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)+@sha256:[0-9a-f]{64}( AS build)?$/)
  expect(bases[0]).toContain(`node:${manifest.devDependencies.node}-`)
})

test('the image runs as a numbered user who is not root', () => {
  expect(valuesOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)])
})

test('the build sees only the files that it copies [V13.4.1] [V15.2.3]', () => {
  const copied = valuesOf('COPY').flatMap((value = '') =>
    value.startsWith('--from=') ? [] : value.split(' ').slice(0, -1),
  )
  const [everything, ...exceptions] = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
  expect(everything).toBe('*')
  expect(exceptions.sort()).toEqual(copied.map((path) => `!${path}`).sort())
})

test('npm run serve and the image run the command that the tests run', () => {
  const build = "echo 'Building the Worker…' >&2 && npm run -s bundle > /dev/null"
  expect(manifest.scripts.serve).toBe(`${build} && exec sh container/serve.sh`)
  expect(valuesOf('ENTRYPOINT')).toEqual(['["sh", "container/serve.sh"]'])
  expect(valuesOf('RUN')).toContain('npm run bundle')
})

test('the compatibility date is that of the deployed Worker', () => {
  const [, deployedDate] = /^compatibility_date = "(.*)"$/m.exec(read('wrangler.toml')) ?? []
  expect(deployedDate).toBeDefined()
  expect(configuration).toContain(`compatibilityDate = "${deployedDate}"`)
  const [, deployedFlags = ''] = /^compatibility_flags = \[(.*)\]$/m.exec(read('wrangler.toml')) ?? []
  const [, flags = ''] = /compatibilityFlags = \[(.*)\]/.exec(configuration) ?? []
  expect(flags).toBe(deployedFlags)
})

test('the Worker gets every setting that it knows', () => {
  const known = [...read('src/config.ts').matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name)
  const bound = [...configuration.matchAll(/\(name = "(\w+)", fromEnvironment = "\1"\)/g)].map(([, name]) => name)
  expect(known).toContain('DATABASE_URL')
  expect(bound).toEqual(expect.arrayContaining(known))
})

test.skipIf(!existsSync(join(project, '.git')))(
  'the version that docs/deploying.md makes may be a tag of the image',
  () => {
    const [command = ''] = /^VERSION=.*$/m.exec(read('docs/deploying.md')) ?? []
    const version = execFileSync('sh', ['-ec', `${command}; printf %s "$VERSION"`], { cwd: project, encoding: 'utf8' })
    expect(version).toMatch(/^\w[\w.-]{0,127}$/)
  },
)
