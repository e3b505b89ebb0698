/** `POST /verify-token` against a Hono app that reads JSON and answers JSON. */
import type { Outcome } from '../outcome.ts'
import { beginSession, times } from '../people.ts'
import type { Run } from '../run.ts'
import { compareThroughput } from './throughput.ts'

const CONNECTIONS = 16
const TOKENS = 100
/** Twice as many as an isolate remembers: by the time that one comes again it is forgotten. */
const NEW_TOKENS = 2_000

/** Tokens of many users take turns, as services ask again and again for the same ones. */
export function measureVerifyToken(run: Run): Promise<Outcome[]> {
  return measureTokens(run, { row: 'verify-token', target: 0.75 }, TOKENS)
}

/** Each token is one that the isolate does not know: its signature is checked each time. */
export function measureVerifyNewToken(run: Run): Promise<Outcome[]> {
  return measureTokens(run, { row: 'verify-new-token' }, NEW_TOKENS)
}

async function measureTokens(run: Run, row: { row: string; target?: number }, count: number): Promise<Outcome[]> {
  const sessions = await Promise.all(times(count, beginSession))
  const traffic = sessions.map(({ access_token }) => ({ path: '/verify-token', body: { access_token } }))
  const load = { connections: CONNECTIONS, traffic, seconds: run.options.seconds }
  return [
    await compareThroughput(run, row, {
      service: { workerd: await run.start('service'), prepareLoad: () => load },
      limit: { workerd: await run.start('hono'), prepareLoad: () => load },
    }),
  ]
}
