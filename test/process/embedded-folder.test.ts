/** If the folder of the embedded database does not open, one sentence says so, and every byte of it stays. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { holdFolder } from '../../local/folder.ts'
import { startLocalDatabase } from '../../local/local-database.ts'
import { runOn } from '../support/process/postgres.ts'

// A busy machine may take minutes to make a database.
vi.setConfig({ hookTimeout: 600_000, testTimeout: 600_000 })

const root = await mkdtemp(join(tmpdir(), 'acme-user-embedded-'))
const sound = join(root, 'sound')
let folder: string
let pglite: string
let count = 0

/** Returns a checksum of every file, by its path. */
async function readChecksums(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sums = files.map(async (file) => [
    file,
    createHash('sha1')
      .update(await readFile(file))
      .digest('hex'),
  ])
  return Object.fromEntries(await Promise.all(sums))
}

const open = () => startLocalDatabase({ folder: { path: folder } })

beforeAll(async () => {
  await mkdir(sound)
  const database = await startLocalDatabase({ folder: { path: sound } })
  await database.close()
})

beforeEach(() => {
  folder = join(root, String(count++))
  pglite = join(folder, 'pglite')
  cpSync(sound, folder, { recursive: true })
})

afterAll(() => rm(root, { recursive: true }))

const walFile = async () => join(pglite, 'pg_wal', (await readdir(join(pglite, 'pg_wal'))).sort()[0] ?? '')

test.each([
  { what: 'of another PostgreSQL', breakIt: () => writeFile(join(pglite, 'PG_VERSION'), '16\n'), reason: 'version 16' },
  {
    what: 'with a strange PG_VERSION',
    breakIt: () => writeFile(join(pglite, 'PG_VERSION'), 'x'),
    reason: 'PG_VERSION',
  },
  { what: 'without PG_VERSION', breakIt: () => rm(join(pglite, 'PG_VERSION')), reason: 'it has no PG_VERSION' },
  { what: 'with half a WAL', breakIt: async () => truncate(await walFile(), 1000), reason: 'checkpoint record' },
  { what: 'without a WAL', breakIt: async () => rm(await walFile()), reason: 'checkpoint record' },
  {
    what: 'with half a pg_control',
    breakIt: () => truncate(join(pglite, 'global/pg_control'), 100),
    reason: 'pg_control',
  },
  { what: 'without pg_control', breakIt: () => rm(join(pglite, 'global/pg_control')), reason: 'pg_control' },
  { what: 'without its tables', breakIt: () => rm(join(pglite, 'base'), { recursive: true }), reason: 'base' },
  { what: 'that is a file', breakIt: () => replaceByFile(), reason: 'it is a file' },
])('refuses one $what, and leaves it as it is', async ({ breakIt, reason }) => {
  await breakIt()
  const before = await readChecksums(folder)
  const refusal = await open().then(
    () => 'opened',
    ({ message }) => message,
  )
  expect(refusal).toMatch(/^The database in \S+ does not open, and was left as it is: .+ move that folder away$/)
  expect(refusal).toContain(pglite)
  expect(refusal).toContain(reason)
  expect(refusal).not.toMatch(/wasm|\n/)
  expect(await readChecksums(folder)).toEqual(before)
})

async function replaceByFile() {
  await rm(pglite, { recursive: true })
  await writeFile(pglite, 'data')
}

test('refuses one that this user may not write to', async () => {
  await chmod(pglite, 0o555)
  // Root may write everywhere, so the process becomes another user once the code is loaded.
  const script = `
    const { openFolder } = await import(${JSON.stringify(join(import.meta.dirname, '../../local/pglite-folder.ts'))})
    if (${userInfo().uid} === 0) process.setuid(65534)
    await openFolder(${JSON.stringify(pglite)}).catch(({ message }) => console.log(message))
    process.exit()`
  await chmod(root, 0o755)
  const output = await new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], (_, stdout, stderr) => resolve(stdout + stderr))
  })
  expect(output).toBe(
    `The database in ${pglite} does not open, and was left as it is: this user may not write to it. To begin anew, move that folder away\n`,
  )
})

test.each([
  { what: 'an empty one', prepare: () => rm(pglite, { recursive: true }).then(() => mkdir(pglite)) },
  { what: 'one that was left half-made', prepare: () => leaveHalf() },
])('makes a database in place of $what', async ({ prepare }) => {
  await prepare()
  const database = await open()
  expect((await runOn(database.url, 'SELECT count(*)::int AS users FROM users')).rows).toEqual([{ users: 0 }])
  await database.close()
  expect(await readdir(folder)).toEqual(['pglite'])
  expect(await readdir(pglite)).not.toContain('unfinished')
})

async function leaveHalf() {
  await writeFile(join(pglite, 'unfinished'), '')
  await rm(join(pglite, 'base'), { recursive: true })
}

test('keeps the data, and leaves no copy', async () => {
  const first = await open()
  await runOn(first.url, 'CREATE TABLE notes AS SELECT 1 AS note')
  await first.close()
  const second = await open()
  expect((await runOn(second.url, 'SELECT note FROM notes')).rows).toEqual([{ note: 1 }])
  await second.close()
  expect(await readdir(folder)).toEqual(['pglite'])
})

test('puts back the copy of a start that was killed in between', async () => {
  cpSync(pglite, `${pglite}.copy`, { recursive: true })
  await rm(pglite, { recursive: true })
  const database = await open()
  await database.close()
  expect(await readdir(folder)).toEqual(['pglite'])
})

test.each([
  { what: 'is a file', prepare: (path: string) => writeFile(path, '') },
  { what: 'has something else for a lock', prepare: (path: string) => mkdir(join(path, 'lock'), { recursive: true }) },
  { what: 'has a lock that is damaged', prepare: (path: string) => damageLock(path) },
])('refuses to hold a folder that $what', async ({ prepare }) => {
  const path = join(root, `held-${count}`)
  await prepare(path)
  expect(() => holdFolder(path, 'here')).toThrow(
    /^\S+ cannot hold the database \(.+\): it must be a folder that this user/,
  )
  expect(existsSync(join(path, 'owner'))).toBe(false)
})

async function damageLock(path: string) {
  await mkdir(path)
  await writeFile(join(path, 'lock'), 'x'.repeat(8192))
}
