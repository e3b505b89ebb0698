/** The last step of `npm run build`: refuses a bundle that is too large, or that lacks a package of the design card. */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { Refusal, runCommand } from '../ops/terminal.ts'

const MAX_GZIP_KIB = 160
/** The packages of the design card, each of which must do its work in the Worker. */
const CARD = [
  'hono',
  'jose',
  'drizzle-orm',
  '@neondatabase/serverless',
  '@hono/zod-validator',
  'zod',
  'toucan-js',
] as const
/** The number of other parts that a refusal names. */
const NAMED_PARTS = 8

const metafileSchema = z.object({
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) })),
})

await runCommand(async () => {
  const parts = await readParts()
  const total = [...parts.values()].reduce((sum, bytes) => sum + bytes, 0)
  const describe = (name: string) => {
    const bytes = parts.get(name) ?? 0
    const share = ((bytes / total) * 100).toFixed(1)
    return `${(bytes / 1024).toFixed(1).padStart(8)} KiB ${share.padStart(5)}%  ${name}`
  }
  console.log(['Of the bundle, minified:', ...CARD.map(describe)].join('\n'))

  const missing = CARD.filter((name) => !parts.get(name))
  if (missing.length > 0)
    throw new Refusal(`The bundle lacks ${missing.join(', ')}: the design card's packages do the work`)

  const kibibytes = gzipSync(await readFile('dist/index.js')).length / 1024
  const size = `The bundle has ${kibibytes.toFixed(1)} KiB gzipped, of ${MAX_GZIP_KIB}`
  if (kibibytes <= MAX_GZIP_KIB) {
    console.log(size)
    return 0
  }
  const others = [...parts.keys()].filter((name) => !CARD.some((card) => card === name)).slice(0, NAMED_PARTS)
  throw new Refusal([`${size}. The heaviest other parts:`, ...others.map(describe)].join('\n'))
})

/** Lists the bytes that each package, and each file of our own, adds to the bundle. The heaviest comes first. */
async function readParts(): Promise<Map<string, number>> {
  const { outputs } = metafileSchema.parse(JSON.parse(await readFile('dist/metafile.json', 'utf8')))
  const parts = new Map<string, number>()
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const part = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path
    parts.set(part, (parts.get(part) ?? 0) + bytesInOutput)
  }
  return new Map([...parts].sort(([, one], [, other]) => other - one))
}
