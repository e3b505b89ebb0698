/** Measures `POST /verify-token` against a Hono app that only reads the JSON and verifies with jose. */
import type { Outcome } from '../outcome.ts'
import { beginSession, times } from '../people.ts'
import type { Run } from '../run.ts'
import { compareThroughput } from './throughput.ts'

const CONNECTIONS = 16
const TOKENS = 100

/** Measures the row. The tokens of many users take turns, because services ask for the same ones again and again. */
export async function measureVerifyToken(run: Run): Promise<Outcome[]> {
  const sessions = await Promise.all(times(TOKENS, beginSession))
  const traffic = sessions.map(({ access_token }) => ({ path: '/verify-token', body: { access_token } }))
  const load = { connections: CONNECTIONS, traffic, seconds: run.options.seconds }
  return [
    await compareThroughput(
      run,
      { row: 'verify-token', target: 0.65 },
      {
        service: { workerd: await run.start('service'), prepareLoad: () => load },
        baseline: { workerd: await run.start('verify'), prepareLoad: () => load },
      },
    ),
  ]
}
