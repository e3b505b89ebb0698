/** Tries the verifiers. The results are kept in results.json and shown on a page. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Configuration, createConfigurations } from './configurations.ts'
import type { Place } from './service.ts'
import { type Snippet, takesKey } from './snippet.ts'
import { type Habits, type Outcome, observe, type Stand, tryToken } from './trial.ts'

/** A verifier's result; `tokens` by the key, and the key with `+ iss, aud`. */
export interface Result {
  name: string
  source: Snippet['source']
  versions: Record<string, string>
  tokens: Record<string, Outcome>
  habits?: Habits
}

/** The number of verifiers at a time. Some give up on a key set that takes longer than a second or two. */
const LANES = 2

/**
 * Tries verifiers.
 * @param place where the service runs, from `prepare`
 * @param tell is told which configuration comes next
 * @param names the names of the configurations; all of them if it is left out
 */
export async function tryAll(
  place: Place,
  snippets: readonly Snippet[],
  tell: (progress: string) => void,
  names?: readonly string[],
): Promise<Result[]> {
  const pairs = await Promise.all(snippets.map(async (snippet) => ({ snippet, result: await createResult(snippet) })))
  for (const configuration of await createConfigurations()) {
    const name = nameConfiguration(configuration)
    if (names && !names.includes(name)) continue
    tell(name)
    await place.withService(configuration, async (stand) => {
      const queue = pairs.values()
      const work = async () => {
        for (const { snippet, result } of queue) await tryIn(stand, snippet, result)
      }
      await Promise.all(Array.from({ length: LANES }, work))
    })
  }
  return pairs.map(({ result }) => result)
}

/** Adds what comes of one verifier in one configuration to its result. */
async function tryIn(stand: Stand, snippet: Snippet, result: Result): Promise<void> {
  const { configuration } = stand
  if (!takesKey(snippet, configuration.key)) return
  const outcome = await tryToken(snippet, stand)
  result.tokens[nameConfiguration(configuration)] = outcome
  if (configuration.claims && 'options' in outcome) result.habits ??= await observe(snippet, stand, outcome.options)
}

/** Names a configuration as the results do. */
export function nameConfiguration({ key, claims }: Pick<Configuration, 'key' | 'claims'>): string {
  return claims ? `${key} + iss, aud` : key
}

async function createResult(snippet: Snippet): Promise<Result> {
  const { name, source, packages } = snippet
  const read = source === 'npm' ? readNpmVersion : readDebianVersion
  const versions = await Promise.all(packages.map(async (item) => [item, await read(item)]))
  return { name, source, versions: Object.fromEntries(versions), tokens: {} }
}

async function readNpmVersion(name: string): Promise<string> {
  const path = join(import.meta.dirname, 'npm/node_modules', name, 'package.json')
  return JSON.parse(await readFile(path, 'utf8')).version
}

async function readDebianVersion(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)('dpkg-query', ['--show', name])
  return stdout.trim().split('\t')[1] ?? ''
}
