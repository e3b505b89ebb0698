/** `npm run users:import` on a real server, and logins after it. `npm run test:import` runs it with 100,000 users. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandResult, runCommand, startCommand } from '../support/process/command.ts'
import { waitUntil } from '../support/process/dev-server.ts'
import { createFolder, makeDocument, makePayload, makeRow } from '../support/process/legacy-records.ts'
import { findPostgres, runOn } from '../support/process/postgres.ts'
import { type Service, startService } from '../support/process/users-service.ts'

const USERS = Number(process.env.USERS ?? 1_010)

const { folder, write, remove } = await createFolder()
const postgres = await findPostgres('No import was tested')

afterAll(async () => {
  await remove()
  await postgres?.close()
})

describe.skipIf(!postgres)('an import', () => {
  const owner = postgres?.url ?? ''
  let service: Service

  beforeAll(async () => {
    service = await startService(owner)
  })

  afterAll(() => service?.close())

  const environment = (iterations = 1_000) => ({
    DATABASE_URL: service.role.url,
    PBKDF2_ITERATIONS: String(iterations),
  })
  const runImport = (path: string, ...flags: string[]) =>
    runCommand('ops/users.ts', ['import', path, ...flags], { env: environment() })
  const logIn = async (username: string, password: string) =>
    (await service.worker.post('/login', { username, password })).status

  async function findHash(username: string): Promise<string> {
    return (await runOn(owner, `SELECT password_hash FROM users WHERE username = '${username}'`)).rows[0]?.password_hash
  }

  function waitForOwnHash(username: string): Promise<void> {
    return waitUntil(
      async () => /^\$pbkdf2/.test(await findHash(username)),
      () => `a hash of our own for ${username}`,
    )
  }

  async function count(prefix: string): Promise<number> {
    return (await runOn(owner, `SELECT count(*)::int AS n FROM users WHERE username LIKE '${prefix}-%'`)).rows[0].n
  }

  /** Imports records of which none may be skipped. */
  async function importAll(records: object[]) {
    const result = await runImport(await write(records.map((record) => JSON.stringify(record)).join('\n')))
    expect(readCounts(result)).toEqual({
      read: records.length,
      imported: records.length,
      'already there': 0,
      skipped: 0,
    })
  }

  describe('lets people log in', () => {
    const salted = { password: sha1('pinch§vmware1!'), salt: 'pinch§' }
    const [composed, decomposed] = ['caf\u00e9 noir', 'cafe\u0301 noir']

    beforeAll(() =>
      importAll([
        makeDocument('seeded'),
        makeDocument('salted', salted),
        makeDocument('short', { password: sha1('abc') }),
        makeDocument('accented', { password: sha1(composed) }),
        makeRow('plain', 'AS6Hrf'),
      ]),
    )

    test.each([
      ['of the seed', 'seeded', 'vmware1!'],
      ['with a salt', 'salted', 'vmware1!'],
      ['of a short password', 'short', 'abc'],
    ])('with a digest %s, and stores a hash of our own then [V11.4.2]', async (_, username, password) => {
      expect(await findHash(username)).toMatch(/^\$sha1\(.*\)-pbkdf2-sha256-chain\$i=1000,r=1\$/)
      expect(await logIn(username, `${password}x`)).toBe(401)
      expect(await findHash(username)).toMatch(/^\$sha1\(/)

      expect(await logIn(username, password)).toBe(200)
      await waitForOwnHash(username)
      expect(await logIn(username, password)).toBe(200)
      expect(await logIn(username, `${password}x`)).toBe(401)
    })

    test('with a digest of an accent as it was typed, and later as any keyboard writes it', async () => {
      expect(await logIn('accented', decomposed)).toBe(401)
      expect(await logIn('accented', composed)).toBe(200)
      await waitForOwnHash('accented')
      expect(await logIn('accented', decomposed)).toBe(200)
    })

    test('with a plain-text password, which is in no row', async () => {
      expect(await findHash('plain')).toMatch(/^\$pbkdf2-sha256-chain\$i=1000,r=1\$/)
      expect(await logIn('plain', 'AS6HrF')).toBe(401)
      expect(await logIn('plain', 'AS6Hrf')).toBe(200)
      const { id, username } = makePayload('plain', '')
      expect((await service.worker.get(`/users/${id}`)).json).toMatchObject({ data: { id, username } })
    })
  })

  test('never brings back a password that has been changed', async () => {
    const document = makeDocument('changed')
    await importAll([document])
    const { json } = await service.worker.post('/login', { username: 'changed', password: 'vmware1!' })
    const passwords = { current_password: 'vmware1!', new_password: 'with great power' }
    const path = `/users/${document._id.$oid}/password`
    expect((await service.worker.call('PUT', path, passwords, String(json.access_token))).status).toBe(200)

    const again = await runImport(await write(JSON.stringify([document])))
    expect(readCounts(again)).toEqual({ read: 1, imported: 0, 'already there': 1, skipped: 0 })
    expect([await logIn('changed', 'vmware1!'), await logIn('changed', 'with great power')]).toEqual([401, 200])
  })

  test('reports the records that it skips, and imports everybody else', async () => {
    await importAll([makeDocument('first')])
    const { _id } = makeDocument('first')
    const records = [
      makeDocument('alone'),
      makeDocument('FIRST', { email: 'f@acmefitness.com' }),
      makeDocument('second', { email: 'First@acmefitness.com' }),
      makeDocument('first', { lastname: 'Roe' }),
      makeDocument('ALONE', { email: 'a@acmefitness.com' }),
      makeDocument('canary', { password: 'canary', salt: 'canary' }),
      { ...makeRow('canary', 'canary\0') },
      makeDocument('alone'),
      makeDocument('last'),
    ]
    const path = await write(JSON.stringify(records))
    const alone = makeDocument('alone')._id.$oid
    const report = [
      `record 2: (${makeDocument('FIRST')._id.$oid}) Username is already taken, by ${_id.$oid}`,
      `record 3: (${makeDocument('second')._id.$oid}) Email is already taken, by ${_id.$oid}`,
      `record 4: (${_id.$oid}) Id is already taken, by a user with another lastname`,
      `record 5: (${makeDocument('ALONE')._id.$oid}) Username is already taken, by ${alone}`,
      `record 6: (${makeDocument('canary')._id.$oid}) The password is not the SHA-1 digest that a salt belongs to`,
      `record 7: (${makePayload('canary', '').id}) Password contains characters that are not text`,
      '',
    ]

    const rehearsal = await runImport(path, '--dry-run', '--report', `${path}.dry`)
    expect(rehearsal.output).toContain('a dry run')
    expect(readCounts(rehearsal, 2)).toEqual({ read: 9, 'to import': 2, 'already there': 1, skipped: 6 })
    expect((await readFile(`${path}.dry`, 'utf8')).split('\n')).toEqual(report)
    expect(await findHash('alone')).toBeUndefined()

    const result = await runImport(path)
    expect(readCounts(result, 2)).toEqual({ read: 9, imported: 2, 'already there': 1, skipped: 6 })
    expect(result.output).toContain(`${path}.skipped.txt`)
    expect((await readFile(`${path}.skipped.txt`, 'utf8')).split('\n')).toEqual(report)
    expect(`${rehearsal.output}${result.output}${report}`).not.toMatch(/canary|6837ea9b/)
    expect(await logIn('last', 'vmware1!')).toBe(200)
  })

  test('finds the users of an earlier batch, in a dry run as in an import', async () => {
    const people = Array.from({ length: 1_150 }, (_, n) => makeDocument(`batched-${n}`))
    const records = people
      .toSpliced(1_110, 0, makeDocument('BATCHED-3'), makeDocument('batched-4'))
      .toSpliced(130, 0, makeDocument('BATCHED-99'), makeDocument('batched-98'))
    const path = await write(records.map((record) => JSON.stringify(record)).join('\n'))
    const report = [131, 1_113]
      .map((record, index) => {
        const [given, taken] =
          [
            ['BATCHED-99', 'batched-99'],
            ['BATCHED-3', 'batched-3'],
          ][index]?.map(makeId) ?? []
        return `record ${record}: (${given}) Username is already taken, by ${taken}\n`
      })
      .join('')
    const counts = { 'already there': 2, skipped: 2 }

    expect(readCounts(await runImport(path, '--dry-run'), 2)).toEqual({ read: 1_154, 'to import': 1_150, ...counts })
    expect(await readFile(`${path}.skipped.txt`, 'utf8')).toBe(report)
    expect(readCounts(await runImport(path), 2)).toEqual({ read: 1_154, imported: 1_150, ...counts })
    expect(await readFile(`${path}.skipped.txt`, 'utf8')).toBe(report)
  })

  test('never takes a stored hash for a password', async () => {
    const bcrypt = '$2b$12$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'
    const records = [
      makeDocument('hashed', { password: bcrypt, salt: undefined }),
      makeRow('digested', sha1('vmware1!')),
    ]
    const path = await write(records.map((record) => JSON.stringify(record)).join('\n'))
    const result = await runImport(path)
    expect(readCounts(result, 2)).toEqual({ read: 2, imported: 0, 'already there': 0, skipped: 2 })
    expect(result.errors).toBe(`No user has been found in ${path}\n`)
    const report = await readFile(`${path}.skipped.txt`, 'utf8')
    expect(report).toContain('The password is a bcrypt hash, not a password\n')
    expect(report).toContain('The password is a SHA-1 digest in hex, not a password')
    expect(report).not.toMatch(/N9qo8uLO|6837ea9b/)
    expect([await logIn('hashed', bcrypt), await logIn('digested', sha1('vmware1!'))]).toEqual([401, 401])
  })

  test('reports a broken record in the order of the file, and imports all before and behind it', async () => {
    const broken = ['{"_id":"deep","a":'.padEnd(200_000, '['), '["canary"]', '{"_id":"torn","password":"canary']
    const lines = [makeDocument('before'), makeDocument('behind')].map((record) => JSON.stringify(record))
    const path = await write(lines.toSpliced(1, 0, ...broken).join('\n'))
    const result = await runImport(path)
    expect(readCounts(result, 2)).toEqual({ read: 5, imported: 2, 'already there': 0, skipped: 3 })
    expect(await readFile(`${path}.skipped.txt`, 'utf8')).toBe(
      [
        'record 2: (deep) Record is nested too deeply, in line 2',
        'record 3: Record is not an object',
        'record 4: (torn) Record is not JSON, in line 4',
        '',
      ].join('\n'),
    )
    expect([await logIn('before', 'vmware1!'), await logIn('behind', 'vmware1!')]).toEqual([200, 200])
  })

  describe('ends with a status that says whether everybody is there:', () => {
    const cart = { PK: 'CART', SK: 'cart', Payload: '[]' }
    const token = { NextToken: 'eyJFeGNsdXNpdmVTdGFydEtleSI6IG51bGx9' }

    beforeAll(() => importAll([makeDocument('present')]))

    test.each([
      ['0 if all are, now or before', () => [makeDocument('present'), makeDocument('new')], 0],
      ['0 if no skipped record is a user', () => [cart, makeDocument('present')], 0],
      ['1 if the file is not whole', () => ({ Items: [makeDocument('present')], ...token }), 1],
      ['2 if somebody is skipped', () => [makeDocument('present'), makeDocument('PRESENT')], 2],
      ['2 if everybody is', () => [makeDocument('PRESENT')], 2],
      ['2 if there is nobody', () => [cart], 2],
      ['2 if there is nothing', () => [], 2],
    ])('%s', async (_, makeRecords, status) => {
      expect((await runImport(await write(JSON.stringify(makeRecords())))).status).toBe(status)
    })
  })

  test('of a file that ends too early says what it has imported, and goes on with the whole file', async () => {
    const lines = [makeDocument('early'), makeDocument('late')].map((record) => JSON.stringify(record))
    const path = await write(lines.join('\n').slice(0, -10))
    const broken = await runImport(path)
    expect(readCounts(broken, 1)).toEqual({ read: 2, imported: 1, 'already there': 0, skipped: 1 })
    expect(broken.errors).toMatch(new RegExp(`^${path} ends too early, .* Export it again\n$`))
    await writeFile(path, lines.join('\n'))
    expect(readCounts(await runImport(path))).toEqual({ read: 2, imported: 1, 'already there': 1, skipped: 0 })
  })

  test('refuses a file that is not there', async () => {
    const missing = join(folder, 'missing.json')
    expect(await runImport(missing)).toEqual({ status: 1, output: '', errors: `There is no file ${missing}\n` })
  })

  describe(`of ${USERS} users`, () => {
    test.each([
      ['a dry run', ['--dry-run'], 'to import'],
      ['an import', [], 'imported'],
    ])('loses none, in flat memory: %s', { timeout: 600_000 }, async (name, flags, done) => {
      const path = await writeMany('many')
      const { process: child, result } = startCommand('ops/users.ts', ['import', path, ...flags], {
        env: environment(),
      })
      const memory = watchMemory(child.pid)
      const start = performance.now()
      expect(readCounts(await result)).toEqual({ read: USERS, [done]: USERS, 'already there': 0, skipped: 0 })
      const seconds = (performance.now() - start) / 1000

      const sizes = await memory
      const [half, peak] = [Math.max(...sizes.slice(0, sizes.length / 2)), Math.max(...sizes)]
      console.log(
        `${name} of ${USERS}: ${Math.round(USERS / seconds)}/s, peak ${half} MiB in its first half, ${peak} in all`,
      )
      expect(await count('many')).toBe(name === 'an import' ? USERS : 0)
      // A short run ends before the engine has taken its memory.
      if (USERS >= 100_000) expect([peak < 150, peak - half < 25]).toEqual([true, true])
    })
  })

  test('has everybody once after it was interrupted, cut off, killed and run again', { timeout: 600_000 }, async () => {
    const path = await writeMany('again')
    // The cost makes it long enough to be caught in the middle.
    const slow = environment(Math.max(1_000, Math.ceil(20_000_000 / USERS)))
    const startAndReach = async (users: number) => {
      const run = startCommand('ops/users.ts', ['import', path], { env: slow })
      await waitUntil(
        async () => (await count('again')) >= users,
        () => `${users} users`,
      )
      return run
    }

    const interrupted = await startAndReach(1)
    interrupted.process.kill('SIGINT')
    const result = await interrupted.result
    const first = await count('again')
    expect(readCounts(result, 130)).toEqual({ read: first, imported: first, 'already there': 0, skipped: 0 })
    expect(result.output).toContain('run it again to go on')
    const first10 = `SELECT md5(string_agg(password_hash, '' ORDER BY id)) FROM users WHERE username ~ '^again-.$'`
    const before = (await runOn(owner, first10)).rows

    const cutOff = await startAndReach(first + 1)
    await runOn(owner, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${service.role.name}'`)
    const { status, errors } = await cutOff.result
    expect([status, errors]).toEqual([1, expect.stringMatching(/^The database has failed: [^\n]+\n$/)])

    const killed = await startAndReach((await count('again')) + 1)
    killed.process.kill('SIGKILL')
    expect((await killed.result).status).toBe(null)
    const present = await count('again')
    expect(present).toBeLessThan(USERS)

    const counts = { read: USERS, imported: USERS - present, 'already there': present, skipped: 0 }
    expect(readCounts(await runImport(path))).toEqual(counts)
    expect(await count('again')).toBe(USERS)
    expect((await runOn(owner, first10)).rows).toEqual(before)
  })

  /** Writes a file of `USERS` documents, one on each line, in the order of their ids. */
  async function writeMany(prefix: string): Promise<string> {
    const path = join(folder, `${prefix}.json`)
    const file = createWriteStream(path)
    for (let n = 0; n < USERS; n++) {
      const document = makeDocument(`${prefix}-${n}`)
      if (!file.write(`${JSON.stringify(document)}\n`)) await once(file, 'drain')
    }
    await once(file.end(), 'close')
    return path
  }
})

function makeId(username: string): string {
  return makeDocument(username)._id.$oid
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/** Reads the numbers of the summary. */
function readCounts({ status, output, errors }: CommandResult, expected = 0): Record<string, number> {
  expect([status, expected === 0 ? errors : '']).toEqual([expected, ''])
  const rows = output.matchAll(/^ {2}(\w[\w ]*?) +([\d,]+)$/gm)
  return Object.fromEntries(
    Array.from(rows, ([, name = '', number = '']) => [name, Number(number.replaceAll(',', ''))]),
  )
}

/** Samples the memory of a process, in MiB, until it ends; returns none where the system does not say. */
async function watchMemory(pid: number | undefined): Promise<number[]> {
  const sizes: number[] = []
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const [, kibibytes] = /VmRSS:\s+(\d+) kB/.exec(status) ?? []
    if (!kibibytes) return sizes
    sizes.push(Math.round(Number(kibibytes) / 1024))
    await setTimeout(100)
  }
}
