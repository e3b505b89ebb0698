/** Makes the services of an isolate, once, from its environment: configuration, keys, the store and the bindings. */

import { importTokenKinds, type TokenKinds } from './auth/keys.ts'
import type { PasswordCosts } from './auth/passwords.ts'
import {
  type Config,
  ConfigError,
  LIMIT_NAMES,
  type LimitName,
  loadConfig,
  PASSWORD_ITERATIONS,
  SETTING_NAMES,
} from './config.ts'
import { openStore, type Store } from './db/client.ts'
import { logEvent } from './log.ts'
import type { Mail } from './mail/send.ts'
import { isUsableDsn } from './sentry.ts'
import { findUnknownNames } from './settings/names.ts'
import { readSettings } from './settings/read.ts'

/** The platform's counters of tries. A limit that the platform cannot count is absent. */
export type Limits = Partial<Record<LimitName, RateLimit>>

/** The services of an isolate, shared by all of its requests. */
export interface Services {
  readonly config: Config
  readonly store: Store
  readonly tokens: TokenKinds
  readonly costs: PasswordCosts
  readonly limits: Limits
  /** Undefined where no mail is sent. */
  readonly mail: Mail | undefined
  readonly metrics: AnalyticsEngineDataset | undefined
  readonly assets: Fetcher | undefined
}

/** A message is sent after the answer, and Workers let a call go on for 30 s after that. */
const MAIL_TIMEOUT_MS = 20_000

const prepared = new WeakMap<object, Services>()

/**
 * Makes the services of an environment, or returns those that were made before.
 * @param env the bindings of the Worker; the same object always gives the same services
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
    mail: findMail(env, config),
    // Bare workerd gives null for a binding that it does not have.
    metrics: env.METRICS ?? undefined,
    assets: env.ASSETS ?? undefined,
  }
  // Several first requests may have made services at the same time. Those that were ready first are kept.
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

function findMail({ EMAIL }: Partial<Env>, { mailFrom, mailLink, emailChange }: Config): Mail | undefined {
  if (EMAIL && mailFrom && mailLink)
    return { binding: EMAIL, from: mailFrom, link: mailLink, timeoutMs: MAIL_TIMEOUT_MS }
  if (emailChange === 'direct') return undefined
  throw new ConfigError(
    'EMAIL_CHANGE is proof, which needs the binding EMAIL: without mail nobody can prove an address',
  )
}

/** Logs the settings that an operator should look at, once for each isolate. */
function warn(env: Partial<Env>, { config, limits, mail }: Services): void {
  for (const { name, near } of findUnknownNames(Object.keys(readSettings(env)), SETTING_NAMES)) {
    if (near) logEvent('unknown_setting', { name, near })
  }
  if (config.sentryDsn !== undefined && !isUsableDsn(config.sentryDsn)) logEvent('sentry_off', {})
  if (config.passwordIterations < PASSWORD_ITERATIONS.recommended) {
    logEvent('few_password_iterations', { recommended: PASSWORD_ITERATIONS.recommended })
  }
  if (!mail) {
    const needed = { EMAIL: env.EMAIL, MAIL_FROM: config.mailFrom, MAIL_LINK: config.mailLink }
    const missing = Object.entries(needed).flatMap(([name, value]) => (value ? [] : [name]))
    logEvent('mail_off', { missing: missing.join(' ') })
  }
  const missing = LIMIT_NAMES.filter((name) => !limits[name])
  if (missing.length > 0) logEvent('rate_limits_off', { missing: missing.join(' ') })
}
