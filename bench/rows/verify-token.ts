/** `POST /verify-token` against a Hono app that reads JSON and answers JSON. */
import type { Outcome } from '../outcome.ts'
import { beginSession, times } from '../people.ts'
import type { Run } from '../run.ts'
import { compareThroughput } from './throughput.ts'

const CONNECTIONS = 16
const TOKENS = 100

/** Tokens of many users take turns. */
export async function measureVerifyToken(run: Run): Promise<Outcome[]> {
  const sessions = await Promise.all(times(TOKENS, beginSession))
  const traffic = sessions.map(({ access_token }) => ({ path: '/verify-token', body: { access_token } }))
  const load = { connections: CONNECTIONS, traffic, seconds: run.options.seconds }
  const row = { row: 'verify-token', target: 0.75 }
  return [
    await compareThroughput(run, row, {
      service: { workerd: await run.start('service'), prepareLoad: () => load },
      limit: { workerd: await run.start('hono'), prepareLoad: () => load },
    }),
  ]
}
