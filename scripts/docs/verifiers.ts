/** The verifiers of other projects: what `npm run interop` found, in a table, and each one's snippet. */
import { readFileSync } from 'node:fs'
import type { Result } from '../../interop/results.ts'
import { KEYS, type KeyName, readSnippets, type Snippet } from '../../interop/snippet.ts'
import type { Outcome } from '../../interop/trial.ts'
import { code, writeTable } from './markdown.ts'

const results: Result[] = JSON.parse(readFileSync(new URL('../../interop/results.json', import.meta.url), 'utf8'))

const titles: Record<KeyName, string> = {
  secret: 'HS256 (secret)',
  JWK: 'HS256 (JWK)',
  ES256: 'ES256',
  EdDSA: 'EdDSA',
  mixed: 'ES256 beside EdDSA',
}
const WITH_CLAIMS = ' + iss, aud'
const FENCES: Partial<Record<string, string>> = { '.mjs': 'js', '.py': 'python', '.rb': 'ruby', '.pl': 'perl' }

/** Writes the table: a row for each verifier. */
export function writeVerifiers(): string {
  const head = ['verifier', ...Object.values(titles), '`iss` and `aud` in the token', 'another `aud`', '30 s ahead']
  const rows = results.map((result) => [
    `[${result.name}](#${result.name.toLowerCase()})`,
    ...KEYS.map((key) => describe(result.tokens[key])),
    describeClaims(result),
    result.habits?.audience ?? '–',
    describe(result.habits?.ahead),
  ])
  return writeTable(head, rows)
}

/** Writes a section for each verifier: its versions, its snippet, and what it does not take as it is. */
export function writeSnippets(): string {
  const snippets = readSnippets()
  return results
    .flatMap((result) =>
      snippets.filter(({ name }) => name === result.name).map((snippet) => writeSection(snippet, result)),
    )
    .join('\n\n')
}

function writeSection({ name, source, extension, text }: Snippet, { versions, tokens, habits }: Result): string {
  const packages = Object.entries(versions).map(([item, version]) => `${item} ${version}`)
  const faults = Map.groupBy(Object.keys(tokens), (label) => explain(tokens[label]))
  const lines = [
    ...Array.from(faults, ([fault, labels]) => fault && `- ${listTitles(labels)}: ${fault}`),
    habits && explain(habits.ahead) && `- A clock 30 s ahead: ${explain(habits.ahead)}`,
    habits?.floats && '- Numbers are floats: `gen` is printed in another form than the token has it in.',
  ].filter(Boolean)
  const from = source === 'npm' ? 'npm' : 'Debian 12'
  const fence = `\`\`\`${FENCES[extension] ?? extension.slice(1)}\n${text}\n\`\`\``
  return [`### ${name}`, `From ${from}: ${packages.join(', ')}.`, fence, lines.join('\n')].filter(Boolean).join('\n\n')
}

/** Lists configurations by their keys, and says so where claims make a difference. */
function listTitles(labels: readonly string[]): string {
  const kinds = Map.groupBy(
    KEYS.filter((key) => labels.includes(key) || labels.includes(key + WITH_CLAIMS)),
    (key) => {
      if (!labels.includes(key)) return ' with `iss` and `aud`'
      return labels.includes(key + WITH_CLAIMS) ? '' : ' without `iss` and `aud`'
    },
  )
  return Array.from(kinds, ([suffix, keys]) => keys.map((key) => titles[key]).join(', ') + suffix).join('; ')
}

function describe(outcome: Outcome | undefined): string {
  if (!outcome) return '–'
  if ('error' in outcome) return '**no**'
  return outcome.options.length === 0 ? 'yes' : 'with an option'
}

/** Whether claims make a difference, for the keys that the verifier takes. */
function describeClaims({ tokens }: Result): string {
  const found = KEYS.flatMap((key) => tokens[key + WITH_CLAIMS] ?? []).filter((outcome) => 'options' in outcome)
  return [...new Set(found.map((outcome) => describe(outcome)))].join(', ')
}

/** Says what a verifier needs, or why it refuses; nothing where it takes the token as it is. */
function explain(outcome: Outcome | undefined): string {
  if (!outcome) return ''
  if ('error' in outcome) return `refused, ${code(outcome.error)}`
  if (outcome.options.length === 0) return ''
  return `needs ${outcome.options.map((line) => code(line.trim().replace(/,$/, ''))).join(' and ')}, or else ${code(outcome.otherwise ?? '')}`
}
