/** Brings the verifiers: npm's into a folder that git ignores, Debian's into the system. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Refusal } from '../ops/terminal.ts'
import type { Snippet } from './snippet.ts'

const run = promisify(execFile)

/**
 * Installs the packages of npm/package.json. As dependencies of the project everybody would download them and answer for
 * their advisories, for a comparison that hardly anybody runs.
 */
export async function installNpm(): Promise<void> {
  const cwd = join(import.meta.dirname, 'npm')
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd }).catch(() => {
    throw new Refusal('The verifiers cannot be installed: run `npm ci` in interop/npm to see why')
  })
}

/**
 * Installs what a verifier of Debian's needs.
 * @returns why that cannot be, or null
 */
export async function findMissing({ source, packages }: Snippet): Promise<string | null> {
  if (source === 'npm') return null
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', ['install', '-qq', '--no-install-recommends', ...packages], { env })
    return null
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    return text.trim().split('\n').at(-1) ?? 'apt-get failed'
  }
}
