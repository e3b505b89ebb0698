/** Runs the Worker as `wrangler dev` would, on a database of the test's choice, alone or beside other Workers. */
import { join } from 'node:path'
import { createTestHarness, type TestHarnessOptions } from 'wrangler'
import { type Calls, createCalls, makeKeys, patient } from './service.ts'

/** A running Worker. */
export interface RunningWorker extends Calls {
  /** Runs the cron trigger. */
  runCron(): Promise<void>
  close(): Promise<void>
}

/** Describes the Worker for a test harness, with new keys. */
export function describeWorker(databaseUrl: string, vars: Record<string, string> = {}) {
  return {
    configPath: join(import.meta.dirname, '../../../wrangler.toml'),
    // All calls of a test come from one address, and none asks anybody outside.
    vars: { ...patient, ADDRESS_HEADER: 'none', PWNED_PASSWORDS: 'off', ...vars },
    secrets: { DATABASE_URL: databaseUrl, ...makeKeys() },
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
  return {
    ...createCalls((path, call) => harness.fetch(path, call)),
    async runCron() {
      await harness.getWorker().scheduled({})
    },
    close: () => harness.close(),
  }
}
