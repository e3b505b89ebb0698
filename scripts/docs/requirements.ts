/**
 * The table in SECURITY.md that leads from each requirement in test/asvs.json to the tests with its id in their titles, as
 * in `[V7.4.1]`: `node scripts/asvs.ts` writes it. With `--check` it exits with 1 where the table is out of date, an id is
 * unknown, or a requirement has neither a test nor a `reason`; a `note` beside the tests excuses nothing.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createVitest } from 'vitest/node'
import requirements from '../test/asvs.json' with { type: 'json' }

const root = join(import.meta.dirname, '..')
const document = join(root, 'SECURITY.md')
const begin = '<!-- The table is made by scripts/asvs.ts: change test/asvs.json or the titles of tests. -->\n'
const end = '<!-- End of the table. -->'
const bracketed = /\s*\[(V\d[^\]]*)\]/g

/** A test, or a group of tests, whose title carries ids. */
interface Evidence {
  ids: string[]
  file: string
  title: string
}

const evidence = await findEvidence()
const text = await readFile(document, 'utf8')
const updated = replaceTable(text)
const faults = [...findFaults()]

if (process.argv.includes('--check')) {
  if (updated !== text) faults.push('SECURITY.md: the table is not what the sources give. Run node scripts/asvs.ts')
  process.exitCode = faults.length > 0 ? 1 : 0
} else {
  await writeFile(document, updated)
}
for (const fault of faults) console.error(fault)
console.log(`${requirements.length} requirements, ${faults.length} faults`)

/** Vitest's own parser, so that comments do not count; it runs no test. */
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

function* findFaults(): Generator<string> {
  const sections = new Set(Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = '']) => toAnchor(heading)))
  const known = new Set(requirements.map(({ id }) => id))
  const shown = new Set(evidence.flatMap(({ ids }) => ids))
  for (const { id, requirement, reason, note } of requirements) {
    if (!reason && !shown.has(id)) yield `${id} has neither a test nor a reason: ${requirement}`
    for (const [, anchor = ''] of `${reason} ${note}`.matchAll(/\]\(#([^)]*)\)/g)) {
      if (!sections.has(anchor)) yield `${id} leads to a section that SECURITY.md does not have: #${anchor}`
    }
  }
  for (const { ids, file, title } of evidence) {
    for (const id of ids) if (!known.has(id)) yield `${id} is not in test/asvs.json: ${file}, "${title}"`
  }
}

function replaceTable(markdown: string): string {
  const [from, to] = [markdown.indexOf(begin), markdown.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`SECURITY.md lacks the marks of its table: ${begin}${end}`)
  const head = ['| requirement | asks for | shown by |', '| --- | --- | --- |']
  return `${markdown.slice(0, from)}${begin}\n${[...head, ...requirements.map(toRow)].join('\n')}\n\n${markdown.slice(to)}`
}

function toRow({ id, level, requirement, reason, note }: (typeof requirements)[number]): string {
  const files = Map.groupBy(
    evidence.filter(({ ids }) => ids.includes(id)),
    ({ file }) => file,
  )
  const tests = Array.from(files, ([file, found]) => {
    const name = file.replace(/^test\/(.*)\.test\.ts$/, '$1')
    return `[${name}](${file}): ${found.map(({ title }) => escapeMarkdown(title)).join('; ')}`
  })
  return `| ${id}, level ${level} | ${requirement} | ${[...tests, reason, note].filter(Boolean).join('<br>')} |`
}

function escapeMarkdown(title: string): string {
  return title.replace(/[\\|*_~$<>[\]`]/g, '\\$&')
}

/** As GitHub does. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
