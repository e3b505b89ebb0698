/** The verifiers of npm that docs/verifiers.md shows, tried again: they do what interop/results.json says. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installNpm } from '../../interop/install.ts'
import manifest from '../../interop/npm/package.json' with { type: 'json' }
import committed from '../../interop/results.json' with { type: 'json' }
import { type Result, tryAll } from '../../interop/results.ts'
import { type Place, prepare } from '../../interop/service.ts'
import { readSnippets } from '../../interop/snippet.ts'
import project from '../../package.json' with { type: 'json' }

const snippets = readSnippets().filter(({ source }) => source === 'npm')
/** One configuration for each algorithm: all ten take minutes, and `npm run interop` tries them. */
const CONFIGURATIONS = ['secret + iss, aud', 'EdDSA + iss, aud', 'mixed + iss, aud']
let place: Place
let results: Result[]

beforeAll(async () => {
  ;[place] = await Promise.all([prepare(), installNpm()])
  results = await tryAll(place, snippets, () => {}, CONFIGURATIONS)
}, 1_800_000)

afterAll(() => place?.close())

test.each(snippets.map(({ name }) => name))('%s takes the tokens that the page says, and no other', (name) => {
  const result = results.find((each) => each.name === name)
  const { tokens = {}, ...expected } = committed.find((each) => each.name === name) ?? {}
  expect(Object.keys(result?.tokens ?? {})).not.toHaveLength(0)
  const tried = Object.entries(tokens).filter(([configuration]) => CONFIGURATIONS.includes(configuration))
  expect(result).toEqual({ ...expected, tokens: Object.fromEntries(tried) })
})

const jose = snippets.find(({ name }) => name === 'jose')

test.each([
  ['a forged', "import { decodeJwt } from 'jose'", "const payload = decodeJwt('$TOKEN')"],
  [
    'an expired',
    "import { compactVerify } from 'jose'",
    "const { payload: bytes } = await compactVerify('$TOKEN', Buffer.from('$SECRET'))",
    'const payload = JSON.parse(Buffer.from(bytes))',
  ],
])('rejects a snippet that takes %s token', async (kind, ...program) => {
  const texts = [...program, 'console.log(payload.sub, payload.gen)']
  const lines = texts.map((text) => ({ text, keys: ['secret' as const], isOption: false }))
  const careless = jose ? [{ ...jose, name: 'careless', lines }] : []
  await expect(tryAll(place, careless, () => {}, ['secret + iss, aud'])).rejects.toThrow(`careless takes ${kind} token`)
})

test('every verifier has a result, and the page leaves out none', () => {
  expect(committed.map(({ name }) => name)).toEqual(readSnippets().map(({ name }) => name))
})

test('pins the verifiers, which are no dependencies of the project', () => {
  for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  expect(Object.keys(project.devDependencies)).not.toContain('jsonwebtoken')
})
