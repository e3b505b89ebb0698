/** The Worker as `wrangler dev` would run it, on a database of the test's choice. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createTestHarness } from 'wrangler'

/** A running Worker. */
export interface RunningWorker {
  post(path: string, body: unknown): Promise<{ status: number; json: Record<string, unknown> }>
  get(path: string): Promise<{ status: number; json: Record<string, unknown> }>
  close(): Promise<void>
}

/** Starts the Worker with keys made for it and the cheapest passwords. */
export async function startWorker(databaseUrl: string): Promise<RunningWorker> {
  const harness = createTestHarness({
    root: join(import.meta.dirname, '../..'),
    workers: [
      {
        configPath: 'wrangler.toml',
        vars: { PBKDF2_ITERATIONS: '1000' },
        secrets: {
          DATABASE_URL: databaseUrl,
          ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
          REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
        },
      },
    ],
  })
  await harness.listen()
  const call = async (path: string, init: { method?: string; body?: string } = {}) => {
    const response = await harness.fetch(path, { ...init, headers: { 'Content-Type': 'application/json' } })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  return {
    get: (path) => call(path),
    post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
    close: () => harness.close(),
  }
}
