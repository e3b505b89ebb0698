/**
 * `npm run interop`: hands real tokens and the real key set to libraries and servers that verify tokens, and writes what
 * they make of them into results.json.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCommandLine, Refusal, runCommand } from '../ops/terminal.ts'
import { findMissing, installNpm } from './install.ts'
import { type Result, tryAll } from './results.ts'
import { prepare } from './service.ts'
import { readSnippets, type Snippet } from './snippet.ts'

const usage = `npm run interop [-- --debian] [-- --only NAME]

  Tries the verifiers of interop/npm with real tokens, and writes interop/results.json. After it: npm run docs

  --debian     those of interop/debian too, whose packages this installs with apt-get: as root, on Debian 12
  --only NAME  one verifier, whose result is printed and not written`

const RESULTS = join(import.meta.dirname, 'results.json')

await runCommand(async (stopped) => {
  const { values } = parseCommandLine(usage, { debian: { type: 'boolean' }, only: { type: 'string' } })
  const { debian = false, only } = values
  const all = readSnippets()
  if (only !== undefined && all.every(({ name }) => name !== only))
    throw new Refusal(`There is no verifier ${only}. Choose one of ${all.map(({ name }) => name).join(', ')}`)
  const chosen = all.filter(({ name, source }) => (only ? name === only : debian || source === 'npm'))
  return Promise.race([interop(chosen, only !== undefined), stopped.then(() => 130)])
})

async function interop(chosen: readonly Snippet[], isTrial: boolean): Promise<number> {
  await installNpm()
  const present: Snippet[] = []
  for (const snippet of chosen) {
    const reason = await findMissing(snippet)
    if (reason === null) present.push(snippet)
    else console.error(`skipped ${snippet.name}: ${reason}`)
  }
  const place = await prepare()
  const results = await tryAll(place, present, (progress) => console.error(progress)).finally(place.close)
  if (isTrial) console.log(JSON.stringify(results, null, 2))
  else await writeFile(RESULTS, `${JSON.stringify(await merge(results), null, 2)}\n`)
  return 0
}

/** Puts new results in the place of old ones; those of verifiers that were not tried this time stay. */
async function merge(results: Result[]): Promise<Result[]> {
  const before: Result[] = JSON.parse(await readFile(RESULTS, 'utf8'))
  const all = [...results, ...before]
  return readSnippets().flatMap((snippet) => all.find(({ name }) => name === snippet.name) ?? [])
}
