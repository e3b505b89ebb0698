/** What an isolate makes once of its environment: configuration, keys, the store, and whatever bindings it was given. */
import { importTokenKinds, type TokenKinds } from './auth/keys.ts'
import { type Config, loadConfig, PASSWORD_ITERATIONS } from './config.ts'
import { openStore, type Store } from './db/store.ts'
import { logEvent } from './log.ts'

/** The limits that the platform can count, each by a key; absent where it cannot. */
export type Limits = Partial<Record<LimitName, RateLimit>>

/** The rate-limiting bindings of wrangler.toml. */
export type LimitName = (typeof LIMIT_NAMES)[number]

const LIMIT_NAMES = [
  'LOGIN_BY_ADDRESS',
  'LOGIN_BY_ACCOUNT_AND_ADDRESS',
  'LOGIN_BY_ACCOUNT',
  'REGISTER_BY_ADDRESS',
  'REFRESH_BY_ADDRESS',
  'OWNER_BY_ACCOUNT',
] as const

/** Made once, used by every request. */
export interface Isolate {
  readonly config: Config
  readonly store: Store
  readonly tokens: TokenKinds
  readonly limits: Limits
  readonly metrics: AnalyticsEngineDataset | undefined
  readonly assets: Fetcher | undefined
}

const prepared = new WeakMap<object, Isolate>()

/** What was prepared for an environment, if it was. */
export function findIsolate(env: Partial<Env>): Isolate | undefined {
  return prepared.get(env)
}

/**
 * Prepares the isolate for an environment, or finds what was prepared.
 * @throws {ConfigError} naming every setting that is missing or malformed
 */
export async function prepareIsolate(env: Partial<Env>): Promise<Isolate> {
  const known = findIsolate(env)
  if (known) return known
  const config = loadConfig(env)
  const isolate = {
    config,
    store: openStore(config.databaseUrl, config.databaseTimeoutMs),
    tokens: await importTokenKinds(config),
    limits: findLimits(env),
    metrics: env.METRICS ?? undefined,
    assets: env.ASSETS ?? undefined,
  }
  warn(isolate)
  prepared.set(env, isolate)
  return isolate
}

/** Bare workerd gives null for what it does not have. */
function findLimits(env: Partial<Env>): Limits {
  return Object.fromEntries(LIMIT_NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
}

function warn({ config, limits }: Isolate): void {
  if (config.passwordIterations < PASSWORD_ITERATIONS.recommended) {
    logEvent('warn', 'few_password_iterations', { recommended: PASSWORD_ITERATIONS.recommended })
  }
  const missing = LIMIT_NAMES.filter((name) => !limits[name])
  if (missing.length > 0) logEvent('warn', 'rate_limits_off', { missing: missing.join(' ') })
}
