/** `npm run openapi`: writes the OpenAPI document that is served at `/openapi.json`; `--check` compares it instead. */
import { readFile, writeFile } from 'node:fs/promises'
import { parseCommandLine, Refusal, runCommand } from '../ops/terminal.ts'
import packageJson from '../package.json' with { type: 'json' }
import { makeDocument } from './openapi/document.ts'

const path = 'public/openapi.json'

const usage = `npm run openapi [-- --check]

  Writes ${path}, from the schemas in src/.

  --check  writes nothing, and fails where the file differs`

await runCommand(async () => {
  const { values } = parseCommandLine(usage, { check: { type: 'boolean' } })
  if (values.check) await compare()
  else await writeFile(path, makeText())
  return 0
})

async function compare(): Promise<void> {
  const committed = await readFile(path, 'utf8')
  if (committed !== makeText()) throw new Refusal(`${path} is not what the schemas give: run npm run openapi`)
}

function makeText(): string {
  return `${JSON.stringify(makeDocument(packageJson.version), null, 2)}\n`
}
