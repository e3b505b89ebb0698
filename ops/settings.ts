/** Reads settings before the Worker does, and refuses by name those that the Worker would refuse or ignore. */
import { importTokenKinds } from '../src/auth/keys.ts'
import { ConfigError, loadConfig, SETTING_NAMES } from '../src/config.ts'
import { findUnknownNames, type UnknownName } from '../src/settings/names.ts'
import { readSettings } from '../src/settings/read.ts'
import { Refusal } from './terminal.ts'

/** Names in the same files that the commands and Wrangler use, and the Worker does not. */
const OTHER_NAMES = /^(MIGRATION_DATABASE_URL$|CLOUDFLARE_|WRANGLER_)/

// Loaded late, because Wrangler takes seconds and a wrong command line should be refused at once.
const loadWrangler = () => import('wrangler')

/**
 * Reads the settings that Wrangler will deploy, or with `local` those that `wrangler dev` will run with, where
 * `.dev.vars` overrides `wrangler.toml`.
 * @throws {Refusal} `wrangler.toml` cannot be read, or has no such environment
 */
export async function readVars(environment: string, { local = false } = {}): Promise<Record<string, unknown>> {
  const { definedEnvironments = [] } = await readWranglerToml('')
  if (environment !== '' && !definedEnvironments.includes(environment)) {
    throw new Refusal(`wrangler.toml has no environment "${environment}". It has: ${definedEnvironments.join(', ')}`)
  }
  const { vars } = await readWranglerToml(environment)
  if (!local) return vars
  const { unstable_getVarsForDev } = await loadWrangler()
  const bindings = unstable_getVarsForDev('wrangler.toml', undefined, vars, environment || undefined, true)
  return Object.fromEntries(Object.entries(bindings).map(([name, { value }]) => [name, value]))
}

async function readWranglerToml(env: string) {
  const { unstable_readConfig } = await loadWrangler()
  try {
    return unstable_readConfig({ config: 'wrangler.toml', env }, { hideWarnings: true })
  } catch (error) {
    throw new Refusal(`wrangler.toml cannot be read: ${describe(error)}`)
  }
}

/** Gives the message and the line alone: Wrangler's errors also hold the whole text of the file, secrets included. */
function describe(error: unknown): string {
  const { text, message, location } = error as { text?: string; message?: string; location?: { line?: number } | null }
  return `${text ?? message}${location?.line ? `, in line ${location.line}` : ''}`
}

/**
 * Checks settings.
 * @throws {Refusal} the Worker would refuse one, or does not know one of the names
 */
export async function requireSettings(settings: object): Promise<void> {
  refuseUnknown(findUnknown(Object.keys(readSettings(settings))))
  try {
    await importTokenKinds(loadConfig(settings))
  } catch (error) {
    throw error instanceof ConfigError ? new Refusal(`The settings are wrong: ${error.message}`) : error
  }
}

/** Refuses names that are nearly those of settings. Other names pass, because secrets may have another purpose. */
export function refuseMisspelt(names: readonly string[]): void {
  refuseUnknown(findUnknown(names).filter(({ near }) => near !== null))
}

function findUnknown(names: readonly string[]): UnknownName[] {
  return findUnknownNames(names, SETTING_NAMES).filter(({ name }) => !OTHER_NAMES.test(name))
}

function refuseUnknown(unknown: readonly UnknownName[]): void {
  if (unknown.length === 0) return
  const list = unknown.map(({ name, near }) => (near ? `${name} (${near}?)` : name)).join(', ')
  throw new Refusal(`The service has no such setting: ${list}. docs/configuration.md lists those that it has`)
}
