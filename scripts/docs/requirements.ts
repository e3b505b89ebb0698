/**
 * The table of requirements: it leads from each one in test/asvs.json to the tests with its id in their titles, as in
 * `[V7.4.1]`, or to the reason why it has none. A `note` beside the tests excuses nothing.
 */
import { join, relative } from 'node:path'
import { createVitest } from 'vitest/node'
import requirements from '../../test/asvs.json' with { type: 'json' }
import { writeTable } from './markdown.ts'

const root = join(import.meta.dirname, '../..')
const bracketed = /\s*\[(V\d[^\]]*)\]/g

/** A test, or a group of tests, whose title carries ids. */
interface Evidence {
  ids: string[]
  file: string
  title: string
}

/**
 * Writes the table.
 * @returns also a sentence for each id that is unknown, and each requirement without test and reason
 */
export async function writeRequirements(): Promise<{ table: string; faults: string[] }> {
  const evidence = await findEvidence()
  const rows = requirements.map((requirement) => toRow(requirement, evidence))
  return {
    table: writeTable(['requirement', 'asks for', 'shown by'], rows),
    faults: [...findUnshown(evidence)],
  }
}

/** Finds the titles with Vitest's own parser, so that comments do not count. It runs no test. */
async function findEvidence(): Promise<Evidence[]> {
  const vitest = await createVitest('test', { root, watch: false })
  const modules = await vitest.parseSpecifications(await vitest.globTestSpecifications())
  const found = modules.flatMap(({ moduleId, children }) =>
    [...children.allSuites(), ...children.allTests()].map(({ name, fullName, options }) => ({
      // A test yet to be written shows nothing.
      ids: options.mode === 'todo' ? [] : Array.from(name.matchAll(bracketed), ([, id = '']) => id),
      file: relative(root, moduleId).replaceAll('\\', '/'),
      // The parser leaves quotes escaped.
      title: fullName.replace(bracketed, '').replace(/\\(["'`])/g, '$1'),
    })),
  )
  await vitest.close()
  return found.filter(({ ids }) => ids.length > 0).sort((a, b) => a.file.localeCompare(b.file))
}

function* findUnshown(evidence: readonly Evidence[]): Generator<string> {
  const known = new Set(requirements.map(({ id }) => id))
  const shown = new Set(evidence.flatMap(({ ids }) => ids))
  for (const { id, requirement, reason } of requirements) {
    if (!reason && !shown.has(id)) yield `test/asvs.json: ${id} has neither a test nor a reason: ${requirement}`
  }
  for (const { ids, file, title } of evidence) {
    for (const id of ids) if (!known.has(id)) yield `${file}: ${id} is not in test/asvs.json: "${title}"`
  }
}

function toRow({ id, level, requirement, reason, note }: (typeof requirements)[number], evidence: readonly Evidence[]) {
  const files = Map.groupBy(
    evidence.filter(({ ids }) => ids.includes(id)),
    ({ file }) => file,
  )
  const tests = Array.from(files, ([file, found]) => {
    const name = file.replace(/^test\/(.*)\.test\.ts$/, '$1')
    return `[${name}](../${file}): ${found.map(({ title }) => escapeMarkdown(title)).join('; ')}`
  })
  return [`${id}, level ${level}`, requirement, [...tests, reason, note].filter(Boolean).join('<br>')]
}

function escapeMarkdown(title: string): string {
  return title.replace(/[\\|*_~$<>[\]`]/g, '\\$&')
}
