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

const execArgv = ['--import', join(import.meta.dirname, 'dev/commonjs-drizzle.js')]

export default defineConfig({
  test: {
    restoreMocks: true,
    // Most of the time a test in Node waits for a process.
    maxWorkers: 3,
    // Long enough for a busy machine: a test that fails by the clock says nothing about the code.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    silent: 'passed-only',
    globalSetup: './test/node/global-setup.ts',
    projects: [
      {
        extends: true,
        plugins: [worker()],
        test: {
          name: 'contract',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [inNode, hardened, commands],
        },
      },
      { extends: true, plugins: [worker('hardened')], test: { name: 'hardened', isolate: false, include: [hardened] } },
      {
        extends: true,
        test: { name: 'node', include: [inNode], execArgv, globalSetup: './test/node/image-setup.ts' },
      },
      { extends: true, test: { name: 'commands', include: [commands], execArgv } },
    ],
  },
})
