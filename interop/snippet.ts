/**
 * The snippets of npm/ and debian/: small programs that the page shows as they are and the runner fills in. The first line
 * names packages. A comment at the end of a line says when it belongs there: with which key, with which claims, on demand.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, parse } from 'node:path'

/** The keys that the service signs with. `mixed` signs with ES256 and has an EdDSA key in its set too. */
export const KEYS = ['secret', 'JWK', 'ES256', 'EdDSA', 'mixed'] as const
export type KeyName = (typeof KEYS)[number]

const SOURCES = ['npm', 'debian'] as const

/** The keys that each tag stands for. */
const KEYS_OF: Partial<Record<string, readonly KeyName[]>> = {
  secret: ['secret'],
  JWK: ['JWK'],
  ES256: ['ES256', 'mixed'],
  EdDSA: ['EdDSA'],
  'key set': ['ES256', 'EdDSA', 'mixed'],
}
const TAG = `(?:${[...Object.keys(KEYS_OF), 'claims', 'no claims', 'option'].join('|')})`
const TAGGED = new RegExp(`^(.*?) *(?://|#) (${TAG}(?:, ${TAG})*)$`)

/** A line, when it belongs into the program, and whether only on demand. */
interface Line {
  text: string
  keys: readonly KeyName[]
  /** Whether the token must have `iss` and `aud`, or must not. */
  claims?: boolean
  isOption: boolean
}

/** A verifier's snippet. */
export interface Snippet {
  name: string
  source: (typeof SOURCES)[number]
  extension: string
  packages: string[]
  /** The text that the page shows. */
  text: string
  lines: Line[]
}

/** The key of the service, and whether its tokens have `iss` and `aud`. */
export interface Situation {
  key: KeyName
  claims: boolean
}

/** Reads all snippets, npm's first. */
export function readSnippets(): Snippet[] {
  return SOURCES.flatMap((source) => {
    const folder = join(import.meta.dirname, source)
    const files = readdirSync(folder).filter((file) => !/^(package.*\.json|node_modules)$/.test(file))
    return files.sort().map((file) => parseSnippet(source, file, readFileSync(join(folder, file), 'utf8')))
  })
}

function parseSnippet(source: Snippet['source'], file: string, content: string): Snippet {
  const [first = '', ...rest] = content.trimEnd().split('\n')
  const packages = first.replace(/^.*?: /, '').split(' ')
  const text = rest.join('\n')
  return { name: parse(file).name, source, extension: extname(file), packages, text, lines: rest.map(parseLine) }
}

function parseLine(line: string): Line {
  const [, text = line, tags = ''] = TAGGED.exec(line) ?? []
  const names = tags.split(', ')
  const isOption = names.includes('option')
  const keys = names.flatMap((name) => KEYS_OF[name] ?? [])
  // An option cannot help with claims that are not there.
  if (names.includes('claims') || (isOption && /\$(ISSUER|AUDIENCE)\b/.test(text)))
    return { text, keys, isOption, claims: true }
  return names.includes('no claims') ? { text, keys, isOption, claims: false } : { text, keys, isOption }
}

/** Whether a verifier has a way to verify with such a key. */
export function takesKey({ lines }: Snippet, key: KeyName): boolean {
  return lines.every(({ keys }) => keys.length === 0) || lines.some(({ keys }) => keys.includes(key))
}

/** Lists the options that can be added in a situation, as their lines. */
export function listOptions({ lines }: Snippet, situation: Situation): string[] {
  return lines.filter((line) => line.isOption && belongs(line, situation)).map(({ text }) => text)
}

/** Writes the program for a situation: with some of its options, and values in place of `$NAME`. */
export function fillIn(
  { lines }: Snippet,
  { situation, options, values }: { situation: Situation; options: readonly string[]; values: Record<string, string> },
): string {
  const chosen = lines.filter((line) => belongs(line, situation) && (!line.isOption || options.includes(line.text)))
  const program = chosen.map(({ text }) => `${text}\n`).join('')
  return program.replaceAll(/\$([A-Z_]+)\b/g, (name, key) => values[key] ?? name)
}

function belongs({ keys, claims }: Line, situation: Situation): boolean {
  return (keys.length === 0 || keys.includes(situation.key)) && (claims ?? situation.claims) === situation.claims
}
