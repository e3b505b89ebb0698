/** Starts, once for all test files in Node, the server on which each of them makes databases of its own. */
import { startServer } from './postgres.ts'

/** Called by Vitest; the function it returns runs after the last test. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.TEST_POSTGRES_URL) return undefined
  // If there can be no server, each file that needs it prints what goes untested, and why.
  const server = await startServer().catch(() => undefined)
  if (server) process.env.TEST_POSTGRES_URL = server.url
  return server?.close
}
