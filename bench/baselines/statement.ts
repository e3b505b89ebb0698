/**
 * The baseline of a call with one statement: the bare driver runs it, and its rows are the answer. A row may ask for the
 * cryptography that its call does beside the statement.
 */
import { type NeonQueryFunction, neon } from '@neondatabase/serverless'
import { reachLocalStore, type StatementEnv } from './store.ts'
import { type Work, works } from './work.ts'

interface Env extends StatementEnv {
  WORK: Work | null
}

reachLocalStore()
let client: NeonQueryFunction<false, false> | undefined

export default {
  async fetch(request, env) {
    client ??= neon(env.DATABASE_URL)
    const parameters = await readParameters(request)
    if (env.WORK !== null) await works[env.WORK]()
    return Response.json(await client.query(env.SQL, parameters))
  },
} satisfies ExportedHandler<Env>

/** The last part of a path, or a JSON array. */
async function readParameters(request: Request): Promise<unknown[]> {
  return request.method === 'GET' ? [request.url.slice(request.url.lastIndexOf('/') + 1)] : request.json()
}
