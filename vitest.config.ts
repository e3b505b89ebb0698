import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

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
      },
    },
  }))

const inNode = 'test/node/**/*.test.ts'
const hardened = 'test/hardened/**/*.test.ts'
/** Commands started again and again: behind a script of their own. */
const commands = 'test/commands/**/*.test.ts'

const stores = './test/node/stores-setup.ts'
const postgres = './test/node/postgres-setup.ts'
const image = './test/node/image-setup.ts'

/** Processes of tests load modules as the commands do. */
const execArgv = ['--import', join(import.meta.dirname, 'dev/fast-loading.js')]

export default defineConfig({
  test: {
    restoreMocks: true,
    // Most of the time a test in Node waits for a process.
    maxWorkers: 4,
    // Long enough for a busy machine: a test that fails by the clock says nothing about the code.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    silent: 'passed-only',
    projects: [
      {
        extends: true,
        plugins: [worker()],
        test: {
          name: 'contract',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [inNode, hardened, commands],
          globalSetup: [stores],
        },
      },
      {
        extends: true,
        plugins: [worker('hardened')],
        test: { name: 'hardened', isolate: false, include: [hardened], globalSetup: [stores] },
      },
      { extends: true, test: { name: 'node', include: [inNode], execArgv, globalSetup: [postgres, image] } },
      { extends: true, test: { name: 'commands', include: [commands], execArgv, globalSetup: [stores, postgres] } },
    ],
  },
})
