/** The Worker's entry: configuration, keys and the store, made once per isolate, then the app. */
import { app } from './app.ts'
import { importTokenKinds } from './auth/keys.ts'
import { loadConfig, PASSWORD_ITERATIONS } from './config.ts'
import type { Bindings } from './context.ts'
import { openDatabase } from './db/client.ts'
import { toResponse } from './errors.ts'

const prepared = new WeakMap<object, Bindings>()

export default {
  async fetch(request, env, ctx) {
    try {
      return await app.fetch(request, prepared.get(env) ?? (await prepare(env)), ctx)
    } catch (error) {
      const response = toResponse(error)
      // Which origins are allowed is not known here; the body tells nobody anything.
      response.headers.set('Access-Control-Allow-Origin', '*')
      return response
    }
  },
} satisfies ExportedHandler<object>

async function prepare(env: object): Promise<Bindings> {
  const config = loadConfig(env)
  if (config.passwordIterations < PASSWORD_ITERATIONS.recommended) {
    console.warn(`PBKDF2_ITERATIONS is below the recommended ${PASSWORD_ITERATIONS.recommended}`)
  }
  const bindings = { config, database: openDatabase(config.databaseUrl), tokens: await importTokenKinds(config) }
  prepared.set(env, bindings)
  return bindings
}
