import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The Worker in workerd, in a profile of wrangler.toml. Secrets are given here, so that no .dev.vars changes a result. */
const worker = (environment?: string) =>
  cloudflareTest(({ inject }) => ({
    wrangler: { configPath: './wrangler.toml', ...(environment ? { environment } : {}) },
    miniflare: {
      bindings: {
        DATABASE_URL: inject('databaseUrl'),
        ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
        REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
        PBKDF2_ITERATIONS: '15000',
        // Tests ask nobody outside.
        PWNED_PASSWORDS_URL: `${inject('rangeServiceUrl')}/range`,
      },
    },
  }))

const hardened = 'test/hardened/**/*.test.ts'
const processes = 'test/process/**/*.test.ts'
/** The tests that start many whole commands, a browser or npm. CI runs them beside `npm test`. */
const ci = 'test/process/**/*.ci.test.ts'

const stores = './test/support/process/stores-setup.ts'
const postgres = './test/support/process/postgres-setup.ts'
const postgresAndApp = './test/support/process/postgres-and-app-setup.ts'

const setupFiles = ['./test/support/process/leash-setup.ts', './test/support/process/environment-setup.ts']

/** The files that take longest. They begin first, so that none is left alone at the end; Vitest goes by size. */
const longest = ['dev.ci', 'deploy.ci', 'docs.ci', 'interop.ci', 'embedded-folder', 'import', 'pages', 'trust']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.includes(basename(moduleId, '.test.ts'))
    return (await super.sort(files)).sort((a, b) => Number(isLong(b)) - Number(isLong(a)))
  }
}

/** Makes the processes of tests load modules as the commands do. */
const execArgv = ['--import', join(import.meta.dirname, 'ops/fast-loading.js')]

export default defineConfig({
  test: {
    restoreMocks: true,
    // More than most machines have cores, because a test in Node mostly waits for a process.
    maxWorkers: 4,
    // Long enough for a busy machine, because a test that fails by the clock says nothing about the code.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    silent: 'passed-only',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        plugins: [worker()],
        test: {
          name: 'contract',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [processes, hardened],
          globalSetup: [stores],
        },
      },
      {
        extends: true,
        plugins: [worker('hardened')],
        test: { name: 'hardened', isolate: false, include: [hardened], globalSetup: [stores] },
      },
      {
        extends: true,
        test: {
          name: 'process',
          isolate: false,
          include: [processes],
          exclude: [ci],
          execArgv,
          setupFiles,
          globalSetup: [postgresAndApp],
        },
      },
      {
        extends: true,
        test: { name: 'ci', isolate: false, include: [ci], execArgv, setupFiles, globalSetup: [stores, postgres] },
      },
    ],
  },
})
