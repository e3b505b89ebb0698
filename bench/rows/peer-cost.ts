/** Compares two things of the service and better-auth that no load shows: the work in a hash, and the bundle's size. */
import { scryptSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runOn } from '../../test/support/process/postgres.ts'
import { nameBundle, type WorkerName } from '../build.ts'
import { formatNumber, type Outcome } from '../outcome.ts'
import type { Run } from '../run.ts'

/** The least that OWASP's Password Storage Cheat Sheet asks for. The setting of scrypt is its own for 32 MiB. */
const OWASP = { iterations: 600_000, scrypt: { N: 2 ** 15, r: 8, p: 3 } }
/** better-auth's setting, which takes 32 MiB too. Its hashes do not name it, so one hash is recomputed to be sure. */
const SCRYPT = { N: 2 ** 14, r: 16, p: 1 }

/** Compares the work in one hash of each side, measured by what OWASP asks of a hash of its kind. */
export async function compareHashes(databaseUrl: string, password: string): Promise<Outcome> {
  const service = await countIterations(databaseUrl)
  await requireScrypt(databaseUrl, password)
  const ours = service / OWASP.iterations
  const theirs = countWork(SCRYPT) / countWork(OWASP.scrypt)
  return {
    row: 'hash-work',
    service: `${ours.toFixed(2)} of OWASP's (PBKDF2, ${service.toLocaleString('en')} iterations)`,
    baseline: `${theirs.toFixed(2)} of OWASP's (scrypt, N ${SCRYPT.N}, r ${SCRYPT.r}, p ${SCRYPT.p})`,
    relation: ours / theirs,
  }
}

/** Compares the gzipped bundles, which Wrangler makes with the same settings. */
export async function compareBundles(run: Run): Promise<Outcome> {
  const service = await weigh(run, 'service')
  const peer = await weigh(run, 'better-auth')
  const write = (kibibytes: number) => `${formatNumber(kibibytes)} KiB`
  return { row: 'bundle', service: write(service), baseline: write(peer), relation: service / peer }
}

async function weigh(run: Run, name: WorkerName): Promise<number> {
  const bundle = await readFile(join(dirname(await run.build(name)), nameBundle(name)))
  return gzipSync(bundle).length / 1024
}

async function countIterations(databaseUrl: string): Promise<number> {
  const hash = await readHash(databaseUrl, "SELECT password_hash AS hash FROM users WHERE password_hash <> 'x' LIMIT 1")
  const [, perLink, links] = /^\$pbkdf2-sha256-chain\$i=(\d+),r=(\d+)\$/.exec(hash) ?? []
  return Number(perLink) * Number(links)
}

async function requireScrypt(databaseUrl: string, password: string): Promise<void> {
  const stored = await readHash(databaseUrl, 'SELECT password AS hash FROM better_auth.account LIMIT 1')
  const [salt = '', key = ''] = stored.split(':')
  const derived = scryptSync(password, salt, key.length / 2, { ...SCRYPT, maxmem: 2 ** 26 })
  if (derived.toString('hex') === key) return
  throw new Error('better-auth no longer hashes with the parameters of this file: look them up in its source')
}

async function readHash(databaseUrl: string, sql: string): Promise<string> {
  const { rows } = await runOn(databaseUrl, sql)
  return String(rows[0]?.hash)
}

/** The work of scrypt grows with the product of its parameters. */
function countWork({ N, r, p }: typeof SCRYPT): number {
  return N * r * p
}
