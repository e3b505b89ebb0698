/** `npm run docs`: writes the tables of the documents from the code that defines their facts; `--check` compares them. */
import { readFile, writeFile } from 'node:fs/promises'
import { parseCommandLine, Refusal, runCommand } from '../ops/terminal.ts'
import { writeCalls, writeLimits } from './docs/calls.ts'
import { writeEvents } from './docs/events.ts'
import { fillPage } from './docs/markdown.ts'
import { writeOutcomes, writeRefusals } from './docs/refusals.ts'
import { writeRequirements } from './docs/requirements.ts'
import { writeSettings } from './docs/settings.ts'
import { writeSnippets, writeVerifiers } from './docs/verifiers.ts'

const usage = `npm run docs [-- --check]

  Writes the tables in docs/ that are made from the code, each between <!-- NAME --> and <!-- /NAME -->.

  --check  writes nothing, and fails where a table is not what the code gives`

/** The pages, each with the tables that it must have. */
const PAGES = {
  'docs/api.md': ['calls', 'refusals'],
  'docs/configuration.md': ['settings', 'limits'],
  'docs/operating.md': ['events', 'outcomes'],
  'docs/asvs.md': ['requirements'],
  'docs/verifiers.md': ['verifiers', 'snippets'],
} as const

type TableName = (typeof PAGES)[keyof typeof PAGES][number]

await runCommand(async () => {
  const { values } = parseCommandLine(usage, { check: { type: 'boolean' } })
  const { table, faults } = await writeRequirements()
  const tables: Record<TableName, string> = {
    calls: writeCalls(),
    refusals: writeRefusals(),
    settings: writeSettings(),
    limits: writeLimits(),
    events: writeEvents(),
    outcomes: writeOutcomes(),
    requirements: table,
    verifiers: writeVerifiers(),
    snippets: writeSnippets(),
  }
  for (const [path, names] of Object.entries(PAGES)) {
    const wanted = Object.fromEntries(names.map((name) => [name, tables[name]]))
    faults.push(...(await update(path, wanted, values.check === true)))
  }
  if (faults.length > 0) throw new Refusal(faults.join('\n'))
  return 0
})

/** Writes or checks a page, and says what is wrong with it. */
async function update(path: string, tables: Record<string, string>, check: boolean): Promise<string[]> {
  const page = await readFile(path, 'utf8').catch(() => null)
  if (page === null) return [`${path} does not exist`]
  const { text, stale, unmarked } = fillPage(page, tables)
  if (!check && text !== page) await writeFile(path, text)
  return [
    ...(check ? stale.map((name) => `${path}: the table "${name}" is stale. Run npm run docs`) : []),
    ...unmarked.map((name) => `${path}: put <!-- ${name} --> and <!-- /${name} --> on lines of their own`),
  ]
}
