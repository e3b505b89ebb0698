/**
 * The limit of a call with one statement: it is run with the bare driver, and its rows are the answer. Where a row asks for
 * it, a password is hashed before that, in one call of PBKDF2.
 */
import { type NeonQueryFunction, neon } from '@neondatabase/serverless'
import { reachLocalStore, type StatementEnv } from './store.ts'

interface Env extends StatementEnv {
  PBKDF2_ITERATIONS: string | null
}

reachLocalStore()
let client: NeonQueryFunction<false, false> | undefined

export default {
  async fetch(request, env) {
    client ??= neon(env.DATABASE_URL)
    const parameters = await readParameters(request)
    if (env.PBKDF2_ITERATIONS !== null) await hash(Number(env.PBKDF2_ITERATIONS))
    return Response.json(await client.query(env.SQL, parameters))
  },
} satisfies ExportedHandler<Env>

async function hash(iterations: number): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const key = await crypto.subtle.importKey('raw', salt, 'PBKDF2', false, ['deriveBits'])
  await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256)
}

/** The last part of a path, or a JSON array. */
async function readParameters(request: Request): Promise<unknown[]> {
  return request.method === 'GET' ? [request.url.slice(request.url.lastIndexOf('/') + 1)] : request.json()
}
