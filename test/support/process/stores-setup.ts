/**
 * Starts, once for all test files, an embedded database in memory with the demo users, a store that is broken, and a
 * service that knows breached passwords.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { startLocalDatabase } from '../../../local/local-database.ts'
import { startRangeService } from './range-service.ts'

/** Called by Vitest; the function it returns runs after the last test. */
export default async function setup(project: TestProject) {
  // The same cost as in vitest.config.ts, because a costlier hash would make every failed login cost as much.
  const database = await startLocalDatabase({ demoIterations: 15_000 })
  project.provide('databaseUrl', database.url)
  // The broken store listens, because workerd would print a stack for every connection that is refused.
  const outage = createServer((_, response) => response.writeHead(502).end('Bad gateway'))
  await once(outage.listen(0, '127.0.0.1'), 'listening')
  const { port } = outage.address() as AddressInfo
  project.provide('brokenDatabaseUrl', `postgres://canary-user:canary-password@localhost:${port}/canary`)
  const ranges = await startRangeService()
  project.provide('rangeServiceUrl', ranges.url)
  return async () => {
    ranges.close()
    outage.close()
    await database.close()
  }
}
