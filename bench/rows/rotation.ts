/** Measures `POST /refresh-token` with rotation, each token spent once, against the same statement and bare driver. */
import { z } from 'zod'
import { rotateSession } from '../../src/db/sessions.ts'
import type { Outcome } from '../outcome.ts'
import { beginSession, nameId, times } from '../people.ts'
import type { Run } from '../run.ts'
import { fillIn, recordStatement } from '../statements.ts'
import { CONNECTIONS, compareWithStatement } from './statements.ts'

/** Numbers that stand for a generation and a rotation in the recorded statement. */
const GENERATION = 1_000_001
const ROTATION = 1_000_002

const answerSchema = z.object({ refresh_token: z.string() })

/** Measures the row. Each connection has a session of its own, a new one in every round. */
export async function measureRotation(run: Run): Promise<Outcome[]> {
  const claims = { sub: 'SUB', gen: GENERATION, sid: 'SID', rot: ROTATION }
  const expiresAt = Math.floor(Date.now() / 1000) + 86_400
  const statement = await recordStatement((store) => rotateSession(store, claims, { graceSeconds: 0, expiresAt }))
  const settings = { REFRESH_ROTATION: 'on', REFRESH_GRACE_SECONDS: '0' }
  return compareWithStatement(
    run,
    { row: 'refresh-rotation', statement, target: 0.75, settings, work: 'rotation' },
    {
      async service() {
        const sessions = await Promise.all(times(CONNECTIONS, beginSession))
        return () => {
          let refresh_token = sessions.pop()?.refresh_token
          return {
            next: () => ({ path: '/refresh-token', body: { refresh_token } }),
            receive: (body) => ({ refresh_token } = answerSchema.parse(JSON.parse(body))),
          }
        }
      },
      async baseline() {
        const sessions = await Promise.all(times(CONNECTIONS, beginSession))
        return () => {
          const { number = 0, sid = '' } = sessions.pop() ?? {}
          let rotation = 0
          return {
            next: () => ({
              path: '/',
              body: fillIn(statement, { SUB: nameId(number), SID: sid, [GENERATION]: number, [ROTATION]: rotation++ }),
            }),
          }
        }
      },
    },
  )
}
