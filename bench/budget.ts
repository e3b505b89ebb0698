/** The last step of `npm run build`: a bundle that is too large is refused, and its heaviest parts are named. */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { Refusal, runCommand } from '../dev/terminal.ts'

const MAX_GZIP_KIB = 120
const NAMED_PARTS = 12

const metafileSchema = z.object({
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) })),
})

await runCommand(async () => {
  await checkSize()
  return 0
})

async function checkSize(): Promise<void> {
  const kibibytes = gzipSync(await readFile('dist/index.js')).length / 1024
  const size = `The bundle has ${kibibytes.toFixed(1)} KiB gzipped, of ${MAX_GZIP_KIB}`
  if (kibibytes > MAX_GZIP_KIB) throw new Refusal(`${size}. The heaviest parts, minified:\n${await describeParts()}`)
  console.log(size)
}

/** What each package, and each file of our own, adds to the bundle. */
async function describeParts(): Promise<string> {
  const { outputs } = metafileSchema.parse(JSON.parse(await readFile('dist/metafile.json', 'utf8')))
  const bytes = new Map<string, number>()
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const part = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path
    bytes.set(part, (bytes.get(part) ?? 0) + bytesInOutput)
  }
  return Array.from(bytes)
    .sort(([, one], [, other]) => other - one)
    .slice(0, NAMED_PARTS)
    .map(([part, count]) => `${(count / 1024).toFixed(1).padStart(8)} KiB  ${part}`)
    .join('\n')
}
