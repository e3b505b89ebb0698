import { randomBytes } from 'node:crypto'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** The Worker in workerd. Every setting is given here, so that a developer's .dev.vars changes nothing. */
const worker = cloudflareTest(({ inject }) => ({
  wrangler: { configPath: './wrangler.toml' },
  miniflare: {
    bindings: {
      DATABASE_URL: inject('databaseUrl'),
      ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
      REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
      PBKDF2_ITERATIONS: '15000',
    },
  },
}))

export default defineConfig({
  test: {
    restoreMocks: true,
    silent: 'passed-only',
    globalSetup: './test/node/global-setup.ts',
    projects: [
      {
        extends: true,
        plugins: [worker],
        test: { name: 'worker', include: ['test/**/*.test.ts'], exclude: ['test/node'] },
      },
      { extends: true, test: { name: 'node', include: ['test/node/**/*.test.ts'] } },
    ],
  },
})
