/** Records the statements that the service's own functions send, so that the baselines send the same. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { z } from 'zod'
import { openStore, type Store } from '../src/db/client.ts'
import { findFreePort } from '../test/support/process/postgres.ts'

/** A statement as it goes over the wire. */
export type Statement = z.infer<typeof statementSchema>

const statementSchema = z.object({ query: z.string(), params: z.array(z.union([z.string(), z.number()])) })

/** Runs one of the service's own functions on a store that knows nothing, and returns the statement that it sent. */
export async function recordStatement(send: (store: Store) => Promise<unknown>): Promise<Statement> {
  const sent: unknown[] = []
  const server = createServer(async (request, response) => {
    sent.push(await json(request))
    response.end(JSON.stringify({ command: 'SELECT', rowCount: 0, fields: [], rows: [] }))
  })
  const port = await findFreePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const url = `postgres://user:password@localhost:${port}/database`
  await send(openStore({ url, endpoint: `http://localhost:${port}/sql` }, 5_000))
  server.close()
  server.closeAllConnections()
  return statementSchema.parse(sent[0])
}

/** Returns the parameters of a statement, with values in place of some that it was recorded with. */
export function fillIn({ params }: Statement, values: Record<string, string | number>): (string | number)[] {
  return params.map((parameter) => values[parameter] ?? parameter)
}
