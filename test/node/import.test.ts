/** `npm run users:import` on a real server, and the logins that come after; `npm run test:import` runs it with 100,000 users. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../dev/local-database.ts'
import { readUser } from '../../dev/users/import/legacy-user.ts'
import { readRecords } from '../../dev/users/import/records.ts'
import { openReport } from '../../dev/users/import/report.ts'
import { readIterations } from '../../dev/users/iterations.ts'
import { waitUntil } from './dev-server.ts'
import { findPostgres, runOn } from './postgres.ts'
import { type CommandResult, createServiceRole, runUsers, startUsers } from './users-command.ts'
import { type RunningWorker, startWorker } from './worker.ts'

const USERS = Number(process.env.USERS ?? 1_010)

/** Of `vmware1!`, without a salt: as the shop's own seed has it. */
const SEED_DIGEST = '6837ea9b06409112a824d113927ad74fabc5c76e'

const folder = await mkdtemp(join(tmpdir(), 'acme-user-import-'))
const postgres = await findPostgres('No import was tested')

afterAll(async () => {
  await rm(folder, { recursive: true })
  await postgres?.close()
})

let files = 0

/** Writes a file of its own. */
async function write(content: string | Buffer): Promise<string> {
  const path = join(folder, `users-${files++}.json`)
  await writeFile(path, content)
  return path
}

/** A document of the service on Kubernetes. */
function makeDocument(username: string, changes: object = {}) {
  const id = createHash('sha256').update(username).digest('hex').slice(0, 24)
  const person = { firstname: 'Jane', lastname: 'Doe', email: `${username}@acmefitness.com`, username }
  return { _id: { $oid: id }, ...person, password: SEED_DIGEST, salt: '', ...changes }
}

/** A user of the serverless service, whose passwords are as people typed them. */
function makePayload(username: string, password: string) {
  const { _id, salt, ...person } = makeDocument(username)
  return { id: `${_id.$oid.slice(0, 8)}-a464-4579-8c6f-34cc617d6fa8`, ...person, password }
}

function makeRow(username: string, password: string) {
  const payload = makePayload(username, password)
  return { PK: 'USER', SK: payload.id, KeyID: username, Payload: JSON.stringify(payload) }
}

/** The same as DynamoDB writes it. */
function toDynamo(row: object) {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, { S: value }]))
}

async function readAll(path: string): Promise<unknown[]> {
  const records: unknown[] = []
  for await (const record of readRecords(path, () => {})) records.push(record)
  return records
}

describe('the records of a file', () => {
  const people = ['ada', 'bob', 'cid'].map((name) => makeDocument(name))

  test.each([
    ['an array', JSON.stringify(people)],
    ['an array over several lines', JSON.stringify(people, null, 2)],
    ['documents on a line each', people.map((person) => JSON.stringify(person)).join('\n')],
    ['documents over several lines each', people.map((person) => JSON.stringify(person, null, 2)).join('\n')],
    ['the output of a scan', JSON.stringify({ Items: people, Count: 3, ScannedCount: 3, ConsumedCapacity: null })],
    ['the output of a scan, page by page', people.map((person) => JSON.stringify({ Items: [person] })).join('\n')],
    ['text with a byte-order mark', `\ufeff${JSON.stringify(people)}`],
  ])('are read from %s', async (_, content) => {
    expect(await readAll(await write(content))).toEqual(people)
  })

  test('are none in an empty array', async () => {
    expect(await readAll(await write('[]'))).toEqual([])
  })

  test.each([
    ['an empty file', '', / is empty$/],
    ['blank lines', '\n \n', / is empty$/],
    ['what is not JSON', '{"username":"ada"}\n{username:"bob"}', / is not JSON in line 2$/],
    ['a dump of another kind', Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]), / is not JSON$/],
    ['an array that lacks its end', '[{"username":"ada"}\n', / ends in the middle of a record in line 2$/],
    ['a document that lacks its end', '{"username":"ada"}\n{"user', / ends in the middle of a record in line 2$/],
    ['a word that lacks its end', '{"username":"ada"}\ntru', / ends in the middle of a record in line 2$/],
    ['one value without end', `["${'x'.repeat(2 ** 25)}`, / does not look like a list of users$/],
  ])('are refused from %s', async (_, content, message) => {
    await expect(readAll(await write(content))).rejects.toThrow(message)
  })
})

describe('a record', () => {
  const row = makeRow('ada', 'AS6Hrf')
  const payload = JSON.parse(row.Payload)
  const { password, ...person } = payload
  const rowWith = (changes: object) => ({ ...row, Payload: JSON.stringify({ ...payload, ...changes }) })

  test.each([
    ['the serverless service in MongoDB', { _id: { $oid: 'f'.repeat(24) }, ...row }],
    ['its table in DynamoDB', toDynamo(row)],
    ['an export of that', { Item: toDynamo(row) }],
    ['a table whose payload is an object', { ...row, Payload: payload }],
    ['such a table in DynamoDB', { ...toDynamo(row), Payload: { M: toDynamo(payload) } }],
  ])('of %s is a user with a password', (_, record) => {
    expect(readUser(record)).toEqual({ ...person, secret: { password } })
  })

  test.each([
    ['an ObjectId', { _id: { $oid: '5c61ed848d891bd9e8016898' } }],
    ['a string', { _id: '5c61ed848d891bd9e8016898' }],
    ['a field of its own', { _id: undefined, id: '5c61ed848d891bd9e8016898' }],
    ['both', { id: '5c61ed848d891bd9e8016898', _id: { $oid: '5c61ed848d891bd9e8016898' } }],
  ])('of MongoDB keeps its id: %s', (_, id) => {
    expect(readUser(makeDocument('ada', id)).id).toBe('5c61ed848d891bd9e8016898')
  })

  test.each([
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
  ])('may have names that are %s', (_, name) => {
    expect(readUser(makeDocument('ada', { firstname: name }))).toMatchObject({ firstname: '', lastname: 'Doe' })
  })

  test('has a digest where it has a salt, at most 256 bytes of it', () => {
    const salt = 'ü'.repeat(128)
    const secret = { digest: Buffer.from(SEED_DIGEST, 'hex'), salt: Buffer.from(salt) }
    expect(readUser(makeDocument('ada', { salt })).secret).toEqual(secret)
    expect(readUser(makeDocument('ada', { salt: null })).secret).toEqual({ ...secret, salt: Buffer.alloc(0) })
  })

  test.each([
    ['a number', 7, 'Record is not an object'],
    ['an array', [], 'Record is not an object'],
    ['of no id', makeDocument('ada', { _id: undefined }), 'Id is missing'],
    ['of two ids', makeDocument('ada', { id: 'b' }), '_id and id differ'],
    ['of an id with a blank', makeDocument('ada', { _id: 'a b' }), 'Id must be 1 to 64 letters, digits or hyphens'],
    ['of no user name', makeDocument('ada', { username: undefined }), 'Username is required'],
    ['of a user name with a blank', makeDocument('ada', { username: 'a b' }), 'Username may contain only'],
    ['of no email address', makeDocument('ada', { email: '' }), 'Email must have 1 to 254 characters'],
    ['of a name that rings', makeDocument('ada', { firstname: '\x07' }), 'First name must not contain control'],
    ['of a long name', makeDocument('ada', { lastname: 'x'.repeat(101) }), 'Last name must have 1 to 100 characters'],
    ['of several faults', makeDocument('a b', { email: 'x' }), /^Username may .*; Email must be an email address$/],
    ['of a cart', { PK: 'CART', SK: 'a', Payload: '[]' }, 'Not a user: its PK is CART'],
    ['of an order in DynamoDB', { Item: { PK: { S: 'ORDER' } } }, 'Not a user: its PK is ORDER'],
    ['of a kind with a bell', { PK: '\x07', SK: 'a' }, 'Not a user: its PK is another'],
    ['of two user names', { ...row, KeyID: 'bob' }, 'KeyID and the username in Payload differ'],
    ['of two ids in a table', { ...row, SK: 'b' }, 'SK and the id in Payload differ'],
    ['of no payload', { PK: 'USER', SK: 'a' }, 'Payload is not a user in JSON'],
    ['of a broken payload', { PK: 'USER', SK: 'a', Payload: '{"id' }, 'Payload is not a user in JSON'],
    ['of no password', rowWith({ password: undefined }), 'Password is required'],
    ['of an empty password', rowWith({ password: '' }), 'Password must have 1 to 256 characters'],
    ['of a long password', rowWith({ password: '🏋'.repeat(257) }), 'Password must have 1 to 256 characters'],
    ['of a password with NUL', rowWith({ password: 'a\0' }), 'Password contains characters that are not text'],
    ['of half a character', rowWith({ password: '\ud800' }), 'Password contains characters that are not text'],
    ['of a cut digest', makeDocument('ada', { password: SEED_DIGEST.slice(1) }), 'Password is not the SHA-1 digest'],
    ['of a digest without its salt', makeDocument('ada', { salt: undefined }), 'Password looks like a digest'],
    ['of a long salt', makeDocument('ada', { salt: 'ü'.repeat(129) }), 'Salt is longer than 256 bytes'],
    [
      'of a salt that is no text',
      makeDocument('ada', { salt: '\ud800' }),
      'Salt contains characters that are not text',
    ],
    ['of a number for a salt', makeDocument('ada', { salt: 1 }), 'Salt must be a string'],
  ])('is skipped: %s', (_, record, reason) => {
    expect(() => readUser(record)).toThrow(reason)
  })
})

describe('the report', () => {
  test('is removed where nothing was skipped, with what an earlier run has left', async () => {
    const path = await write('of an earlier run')
    openReport(path, 'users.json').close()
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  test('leaves a device in its place', async () => {
    const link = join(folder, 'null')
    await symlink('/dev/null', link)
    openReport(link, 'users.json').close()
    expect((await stat(link)).isCharacterDevice()).toBe(true)
  })

  test('is refused where it would overwrite the file to import, or cannot be', async () => {
    const path = await write('[]')
    expect(() => openReport(path, path)).toThrow('choose another with --report')
    expect(await readFile(path, 'utf8')).toBe('[]')
    expect(() => openReport(folder, path)).toThrow('The report cannot be written: choose another place with --report')
  })

  test('is for nobody else on the machine', async () => {
    const path = join(folder, 'report.txt')
    const report = openReport(path, 'users.json')
    report.add('record 1: Id is missing')
    report.close()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toBe('record 1: Id is missing\n')
  })
})

test('the cost is one that the Worker accepts', () => {
  for (const iterations of ['999', '10000001', '1e3x', '1000.5', '']) {
    expect(() => readIterations(iterations)).toThrow('--iterations takes a whole number from 1,000 to 10,000,000')
  }
  expect(readIterations(undefined)).toBe(600_000)
})

describe.skipIf(!postgres)('an import', () => {
  const owner = postgres?.url ?? ''
  let role: Awaited<ReturnType<typeof createServiceRole>>
  let local: LocalDatabase
  let worker: RunningWorker

  beforeAll(async () => {
    local = await startLocalDatabase({ databaseUrl: owner })
    // The service's own role can do all of it.
    role = await createServiceRole(owner)
    worker = await startWorker(local.url)
  })

  afterAll(async () => {
    await worker?.close()
    await local?.close()
    await role?.drop()
  })

  const environment = (iterations = 1_000) => ({ DATABASE_URL: role.url, PBKDF2_ITERATIONS: String(iterations) })
  const runImport = (path: string, ...flags: string[]) => runUsers(['import', path, ...flags], environment())
  const logIn = async (username: string, password: string) =>
    (await worker.post('/login', { username, password })).status

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

  /** Imports what must be imported as a whole. */
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

    test('with a digest of an accent as it was typed, and after that as any keyboard writes it', async () => {
      expect(await logIn('accented', decomposed)).toBe(401)
      expect(await logIn('accented', composed)).toBe(200)
      await waitForOwnHash('accented')
      expect(await logIn('accented', decomposed)).toBe(200)
    })

    test('with a plain-text password, which no row ever holds', async () => {
      expect(await findHash('plain')).toMatch(/^\$pbkdf2-sha256-chain\$i=1000,r=1\$/)
      expect(await logIn('plain', 'AS6HrF')).toBe(401)
      expect(await logIn('plain', 'AS6Hrf')).toBe(200)
      const { id, username } = makePayload('plain', '')
      expect((await worker.get(`/users/${id}`)).json).toMatchObject({ data: { id, username } })
    })
  })

  test('never brings back a password that has been changed', async () => {
    const document = makeDocument('changed')
    await importAll([document])
    const { json } = await worker.post('/login', { username: 'changed', password: 'vmware1!' })
    const passwords = { current_password: 'vmware1!', new_password: 'with great power' }
    const path = `/users/${document._id.$oid}/password`
    expect((await worker.call('PUT', path, passwords, String(json.access_token))).status).toBe(200)

    const again = await runImport(await write(JSON.stringify([document])))
    expect(readCounts(again)).toEqual({ read: 1, imported: 0, 'already there': 1, skipped: 0 })
    expect([await logIn('changed', 'vmware1!'), await logIn('changed', 'with great power')]).toEqual([401, 200])
  })

  test('skips records in a report, and nobody else for their sake', async () => {
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
      'record 6: Password is not the SHA-1 digest that a salt belongs to',
      'record 7: Password contains characters that are not text',
      `record 2: (${makeDocument('FIRST')._id.$oid}) Username is already taken, by ${_id.$oid}`,
      `record 3: (${makeDocument('second')._id.$oid}) Email is already taken, by ${_id.$oid}`,
      `record 4: (${_id.$oid}) Id is already taken, by a user with another lastname`,
      `record 5: (${makeDocument('ALONE')._id.$oid}) Username is already taken, by ${alone}`,
      '',
    ]

    const rehearsal = await runImport(path, '--dry-run', '--report', `${path}.dry`)
    expect(rehearsal.output).toContain('a dry run')
    expect(readCounts(rehearsal)).toEqual({ read: 9, 'to import': 2, 'already there': 1, skipped: 6 })
    expect((await readFile(`${path}.dry`, 'utf8')).split('\n')).toEqual(report)
    expect(await findHash('alone')).toBeUndefined()

    const result = await runImport(path)
    expect(readCounts(result)).toEqual({ read: 9, imported: 2, 'already there': 1, skipped: 6 })
    expect(result.output).toContain(`${path}.skipped.txt`)
    expect((await readFile(`${path}.skipped.txt`, 'utf8')).split('\n')).toEqual(report)
    expect(`${rehearsal.output}${result.output}${report}`).not.toMatch(/canary|6837ea9b/)
    expect(await logIn('last', 'vmware1!')).toBe(200)
  })

  test('of a file that ends too early says what it has imported, and goes on once that is mended', async () => {
    const lines = [makeDocument('early'), makeDocument('late')].map((record) => JSON.stringify(record))
    const path = await write(lines.join('\n').slice(0, -10))
    const broken = await runImport(path)
    expect(readCounts(broken, 1)).toEqual({ read: 1, imported: 1, 'already there': 0, skipped: 0 })
    expect(broken.errors).toBe(`${path} ends in the middle of a record in line 2\n`)
    await writeFile(path, lines.join('\n'))
    expect(readCounts(await runImport(path))).toEqual({ read: 2, imported: 1, 'already there': 1, skipped: 0 })
  })

  test('refuses a file that is not there', async () => {
    const missing = join(folder, 'missing.json')
    expect(await runImport(missing)).toEqual({ status: 1, output: '', errors: `There is no file ${missing}\n` })
  })

  test(`of ${USERS} users loses none, in flat memory`, { timeout: 600_000 }, async () => {
    const path = await writeMany('many')
    const { process: child, result } = startUsers(['import', path], environment())
    const memory = watchMemory(child.pid)
    const start = performance.now()
    expect(readCounts(await result)).toEqual({ read: USERS, imported: USERS, 'already there': 0, skipped: 0 })
    const seconds = (performance.now() - start) / 1000
    expect(await count('many')).toBe(USERS)

    const sizes = await memory
    const [half, whole] = [Math.max(...sizes.slice(0, sizes.length / 2)), Math.max(...sizes)]
    console.log(`${USERS} users, ${Math.round(USERS / seconds)}/s, peak ${half} MiB in the first half, ${whole} in all`)
    // A short run is over before the engine has its memory.
    if (USERS >= 100_000) expect(whole - half).toBeLessThan(64)
  })

  test('that is interrupted, cut off, killed, then run again has everybody once', { timeout: 600_000 }, async () => {
    const path = await writeMany('again')
    // Long enough to be caught in the middle.
    const slow = environment(Math.max(1_000, Math.ceil(20_000_000 / USERS)))
    const startAndReach = async (users: number) => {
      const run = startUsers(['import', path], slow)
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
    await runOn(owner, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role.name}'`)
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

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/** The numbers of the summary. */
function readCounts({ status, output, errors }: CommandResult, expected = 0): Record<string, number> {
  expect([status, expected === 0 ? errors : '']).toEqual([expected, ''])
  const rows = output.matchAll(/^ {2}(\w[\w ]*?) +([\d,]+)$/gm)
  return Object.fromEntries(
    Array.from(rows, ([, name = '', number = '']) => [name, Number(number.replaceAll(',', ''))]),
  )
}

/** The memory of a process, in MiB, again and again until it ends; nothing where the system does not say. */
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
