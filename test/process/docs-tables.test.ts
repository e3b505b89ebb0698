/** The tables that `npm run docs` puts into the documents. The command itself checks in CI that they are up to date. */
import { expect, test } from 'vitest'
import { writeCalls, writeLimits } from '../../scripts/docs/calls.ts'
import { writeEvents } from '../../scripts/docs/events.ts'
import { fillPage, writeTable } from '../../scripts/docs/markdown.ts'
import { writeOutcomes, writeRefusals } from '../../scripts/docs/refusals.ts'
import { writeSettings } from '../../scripts/docs/settings.ts'
import { writeSnippets, writeVerifiers } from '../../scripts/docs/verifiers.ts'

const page = 'before\n<!-- a -->\n<!-- /a -->\nbetween\n<!-- b -->\nold\n<!-- /b -->\nafter\n'

test('fills each place and leaves the rest of the page as it is', () => {
  const { text } = fillPage(page, { a: '| $& |', b: '| B |' })
  expect(text).toBe('before\n<!-- a -->\n\n| $& |\n\n<!-- /a -->\nbetween\n<!-- b -->\n\n| B |\n\n<!-- /b -->\nafter\n')
})

test('names the tables that are stale in the page, and none once they are filled in', () => {
  const filled = fillPage(page, { a: 'A', b: 'B' })
  expect(filled.stale).toEqual(['a', 'b'])
  expect(fillPage(filled.text, { a: 'A', b: 'changed' }).stale).toEqual(['b'])
  expect(fillPage(filled.text, { a: 'A', b: 'B' })).toEqual({ text: filled.text, stale: [], unmarked: [] })
})

test.each([
  '',
  '<!-- c -->\n',
  '<!-- c --> <!-- /c -->\n',
  'text <!-- c -->\n<!-- /c -->\n',
  '<!-- /c -->\n<!-- c -->\n',
])('names a table that has no place in %j', (text) => {
  expect(fillPage(text, { c: 'C' })).toEqual({ text, stale: [], unmarked: ['c'] })
})

test('escapes text that would end a cell', () => {
  expect(writeTable(['a', 'b'], [['1 | 2', '3\n4']])).toBe('| a | b |\n| --- | --- |\n| 1 \\| 2 | 3 4 |')
})

/** Facts as the code has them. Each must be in its table, beside its name. */
const facts = [
  { write: writeSettings, fact: '| `ACCESS_TOKEN_SECONDS` | `300` | a whole number from 1 to 86,400 |' },
  { write: writeSettings, fact: '| `CORS_ORIGINS` | `*` |' },
  { write: writeSettings, fact: '| `DATABASE_URL` | none, required |' },
  { write: writeSettings, fact: '| `USERS_ACCESS` | `public` | `public`, `authenticated`, `owner` |' },
  { write: writeEvents, fact: '| `login_failed` | warn |' },
  { write: writeRefusals, fact: '| 409 | `email_taken` | `Email is already taken` |' },
  { write: writeOutcomes, fact: '| `password_refused` | 403 |' },
  { write: writeCalls, fact: '| `GET /users` | as `USERS_ACCESS` says | `limit?`, `after?` | 200 |' },
  { write: writeVerifiers, fact: '| [jose](#jose) | yes | yes | yes | yes | yes | yes | refused | yes |' },
  { write: writeVerifiers, fact: '| [node-jose](#node-jose) | yes | yes | yes | **no** | **no** |' },
  { write: writeSnippets, fact: '### pyjwt\n\nFrom Debian 12: python3-jwt 2.6.0' },
  { write: writeSnippets, fact: "ES256 beside EdDSA with `iss` and `aud`: needs `audience='$AUDIENCE'`, or else" },
  { write: writeCalls, fact: '| `POST /verify-token` | anybody | `access_token` | 200 | 400, 401 | 0 |' },
]

test.each(facts)('$write.name has $fact', ({ write, fact }) => {
  expect(write()).toContain(fact)
})

test('every limit has a call, and a number in every environment of wrangler.toml', () => {
  const rows = writeLimits().split('\n').slice(2)
  expect(rows.length).toBeGreaterThan(5)
  for (const row of rows) expect(row).toMatch(/^\| `\w+` \| `[A-Z]+ .*`(?: \| [^|]+)(?: \| \d+ in \d+ s){2} \|$/)
})
