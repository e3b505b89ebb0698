/** Shared by the baselines that ask the store: its address, and the statement that the service would run. */
import { neonConfig } from '@neondatabase/serverless'

/** The settings of a baseline that asks the store. */
export interface StatementEnv {
  DATABASE_URL: string
  SQL: string
}

/** Sends the driver's statements to the stand-in for Neon's proxy on this machine. */
export function reachLocalStore(): void {
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`
}
