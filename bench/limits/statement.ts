/** The limit of a call with one statement: it is run with the bare driver, and its rows are the answer. */
import { type NeonQueryFunction, neon } from '@neondatabase/serverless'
import { reachLocalStore, type StatementEnv } from './store.ts'

reachLocalStore()
let client: NeonQueryFunction<false, false> | undefined

export default {
  async fetch(request, env) {
    client ??= neon(env.DATABASE_URL)
    return Response.json(await client.query(env.SQL, await readParameters(request)))
  },
} satisfies ExportedHandler<StatementEnv>

/** The last part of a path, or a JSON array. */
async function readParameters(request: Request): Promise<unknown[]> {
  return request.method === 'GET' ? [request.url.slice(request.url.lastIndexOf('/') + 1)] : request.json()
}
