/** The Worker as `wrangler dev` would run it, on a database of the test's choice, alone or beside other Workers. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createTestHarness, type TestHarnessOptions } from 'wrangler'

/** An answer with its body parsed. */
export interface Answer {
  status: number
  json: Record<string, unknown>
}

/** A running Worker. */
export interface RunningWorker {
  call(method: string, path: string, body?: unknown, token?: string, headers?: Record<string, string>): Promise<Answer>
  get(path: string): Promise<Answer>
  post(path: string, body: unknown): Promise<Answer>
  /** What the cron trigger does. */
  runCron(): Promise<void>
  close(): Promise<void>
}

/** The Worker for a test harness, with keys made for it and the cheapest passwords. */
export function describeWorker(databaseUrl: string, vars: Record<string, string> = {}) {
  return {
    configPath: join(import.meta.dirname, '../../../wrangler.toml'),
    // All calls of a test come from one address, and hundreds at once may wait for their turn on a small machine.
    vars: { PBKDF2_ITERATIONS: '1000', ADDRESS_HEADER: 'none', DATABASE_TIMEOUT_SECONDS: '60', ...vars },
    secrets: {
      DATABASE_URL: databaseUrl,
      ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
      REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
    },
  }
}

/** Starts the Worker. */
export function startWorker(databaseUrl: string, vars?: Record<string, string>): Promise<RunningWorker> {
  return startWorkers([describeWorker(databaseUrl, vars)])
}

/** Starts several Workers; calls go to the first. */
export async function startWorkers(workers: TestHarnessOptions['workers']): Promise<RunningWorker> {
  const harness = createTestHarness({ workers })
  await harness.listen()
  const call: RunningWorker['call'] = async (method, path, body, token, headers = {}) => {
    const response = await harness.fetch(path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  return {
    call,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    async runCron() {
      await harness.getWorker().scheduled({})
    },
    close: () => harness.close(),
  }
}
