/** The last step of `npm run build`: a Worker that is too large, or too slow to start, is refused with its heaviest parts. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { Refusal, runCommand } from '../dev/terminal.ts'
import { buildWorker } from './build.ts'
import { MAX_MORE_MS, spendStart } from './start.ts'

const MAX_GZIP_KIB = 120
const NAMED_PARTS = 12
/** The least of some starts: whatever disturbs one only ever adds to it. */
const STARTS = { least: 4, most: 20 }

const metafileSchema = z.object({
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) })),
})

await runCommand(async () => {
  await checkSize()
  await checkStart()
  return 0
})

async function checkSize(): Promise<void> {
  const kibibytes = gzipSync(await readFile('dist/index.js')).length / 1024
  await check(`The bundle has ${kibibytes.toFixed(1)} KiB gzipped, of ${MAX_GZIP_KIB}`, kibibytes <= MAX_GZIP_KIB)
}

async function checkStart(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-budget-'))
  try {
    const [service, hono] = await Promise.all([buildWorker(folder, 'service'), buildWorker(folder, 'hono')])
    let [least, leastOfHono] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    const isWithin = () => least - leastOfHono <= MAX_MORE_MS
    for (let start = 0; start < STARTS.least || (start < STARTS.most && !isWithin()); start++) {
      const [cpuMs, cpuMsOfHono] = [await spendStart(service), await spendStart(hono)]
      if (cpuMs === null || cpuMsOfHono === null) {
        console.log('How long it takes to start is not known: this system does not tell the CPU time of a process')
        return
      }
      least = Math.min(least, cpuMs)
      leastOfHono = Math.min(leastOfHono, cpuMsOfHono)
    }
    const moreMs = (least - leastOfHono).toFixed(1)
    await check(
      `An isolate takes ${moreMs} ms of CPU time more to start than a bare Hono app, of ${MAX_MORE_MS}`,
      isWithin(),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function check(text: string, isWithin: boolean): Promise<void> {
  if (!isWithin) throw new Refusal(`${text}. The heaviest parts, minified:\n${await describeParts()}`)
  console.log(text)
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
