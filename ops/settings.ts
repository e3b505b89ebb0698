/** Settings as the Worker will read them, before it runs: what it would refuse, or pass over, is refused here by name. */
import { importTokenKinds } from '../src/auth/keys.ts'
import { ConfigError, loadConfig, SETTING_NAMES } from '../src/config.ts'
import { findUnknownNames, type UnknownName } from '../src/settings/names.ts'
import { readSettings } from '../src/settings/read.ts'
import { Refusal } from './terminal.ts'

/** Beside the Worker's settings: what the commands and Wrangler itself take from the same files. */
const OTHER_NAMES = /^(MIGRATION_DATABASE_URL$|CLOUDFLARE_|WRANGLER_)/

// Wrangler takes seconds to load: it is, once the command line will do.
const loadWrangler = () => import('wrangler')

/**
 * Reads the settings that Wrangler will deploy, or with `local` those that `wrangler dev` will run with: the file
 * `.dev.vars` goes before `wrangler.toml` there.
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

/** Wrangler's errors carry the file's whole text, with whatever it holds; the place is enough to find the fault. */
function describe(error: unknown): string {
  const { text, message, location } = error as { text?: string; message?: string; location?: { line?: number } | null }
  return `${text ?? message}${location?.line ? `, in line ${location.line}` : ''}`
}

/** Refuses settings that the Worker would refuse, and names that it does not know. */
export async function requireSettings(settings: object): Promise<void> {
  refuseUnknown(findUnknown(Object.keys(readSettings(settings))))
  try {
    await importTokenKinds(loadConfig(settings))
  } catch (error) {
    throw error instanceof ConfigError ? new Refusal(`The settings will not do: ${error.message}`) : error
  }
}

/** Refuses names that are nearly those of settings. Secrets may have other names, for another purpose. */
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
