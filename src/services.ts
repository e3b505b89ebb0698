/** What an isolate makes once of its environment: configuration, keys, the store, and whatever bindings it was given. */

import { importTokenKinds, type TokenKinds } from './auth/keys.ts'
import type { PasswordCosts } from './auth/passwords.ts'
import { type Config, LIMIT_NAMES, type LimitName, loadConfig, PASSWORD_ITERATIONS, SETTING_NAMES } from './config.ts'
import { openStore, type Store } from './db/client.ts'
import { logEvent } from './log.ts'
import { isUsableDsn } from './sentry.ts'
import { findUnknownNames } from './settings/names.ts'
import { readSettings } from './settings/read.ts'

/** The limits that the platform can count, each by a key; absent where it cannot. */
export type Limits = Partial<Record<LimitName, RateLimit>>

/** Made once, used by every request. */
export interface Services {
  readonly config: Config
  readonly store: Store
  readonly tokens: TokenKinds
  readonly costs: PasswordCosts
  readonly limits: Limits
  readonly metrics: AnalyticsEngineDataset | undefined
  readonly assets: Fetcher | undefined
}

const prepared = new WeakMap<object, Services>()

/**
 * Prepares the services of an environment, or finds what was prepared.
 * @throws {ConfigError} naming every setting that is missing or malformed
 */
export async function prepareServices(env: Partial<Env>): Promise<Services> {
  const known = prepared.get(env)
  if (known) return known
  const config = loadConfig(env)
  const services: Services = {
    config,
    store: openStore(config.database, config.databaseTimeoutMs),
    tokens: await importTokenKinds(config),
    costs: { current: config.passwordIterations, largest: config.largestIterations },
    limits: findLimits(env, config),
    // Bare workerd gives null for a binding that it does not have.
    metrics: env.METRICS ?? undefined,
    assets: env.ASSETS ?? undefined,
  }
  // Requests that came together have each prepared theirs: the first to be ready counts.
  const first = prepared.get(env)
  if (first) return first
  prepared.set(env, services)
  warn(env, services)
  return services
}

function findLimits(env: Partial<Env>, { limited }: Config): Limits {
  if (!limited) return {}
  return Object.fromEntries(LIMIT_NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
}

/** Says once what an operator should know of the settings. */
function warn(env: object, { config, limits }: Services): void {
  for (const { name, near } of findUnknownNames(Object.keys(readSettings(env)), SETTING_NAMES)) {
    if (near) logEvent('unknown_setting', { name, near })
  }
  if (config.sentryDsn !== undefined && !isUsableDsn(config.sentryDsn)) logEvent('sentry_off', {})
  if (config.passwordIterations < PASSWORD_ITERATIONS.recommended) {
    logEvent('few_password_iterations', { recommended: PASSWORD_ITERATIONS.recommended })
  }
  const missing = LIMIT_NAMES.filter((name) => !limits[name])
  if (missing.length > 0) logEvent('rate_limits_off', { missing: missing.join(' ') })
}
