/** What `npm run users:import` makes of a file before any database is asked: its records, its users, and its report. */
import { readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readUser } from '../../dev/users/import/legacy-user.ts'
import { readRecords } from '../../dev/users/import/records.ts'
import { openReport } from '../../dev/users/import/report.ts'
import { readIterations } from '../../dev/users/iterations.ts'
import { createFolder, makeDocument, makeRow, SEED_DIGEST } from './legacy-records.ts'

const { folder, write, remove } = await createFolder()
afterAll(remove)

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
