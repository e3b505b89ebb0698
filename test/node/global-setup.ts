/** Once for all test files: an embedded database in memory, with the demo users. */
import type { TestProject } from 'vitest/node'
import { startLocalDatabase } from '../../dev/local-database.ts'

/** Called by Vitest; the function it returns runs after the last test. */
export default async function setup(project: TestProject) {
  // The cost in vitest.config.ts: a costlier hash would make every failed login in the tests cost as much.
  const database = await startLocalDatabase({ demoIterations: 15_000 })
  project.provide('databaseUrl', database.url)
  return database.close
}
