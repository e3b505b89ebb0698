/** `npm run users:import` turns records into users before it asks any database, and reports the others. */
import { type BinaryToTextEncoding, createHash } from 'node:crypto'
import { readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findRecordId, readUser } from '../../ops/users/import/legacy-user.ts'
import { openReport } from '../../ops/users/import/report.ts'
import { readIterations } from '../../ops/users/iterations.ts'
import { createFolder, makeDocument, makeRow, SEED_DIGEST, toDynamo } from '../support/process/legacy-records.ts'

const { folder, write, remove } = await createFolder()
afterAll(remove)

describe('a record', () => {
  const row = makeRow('ada', 'AS6Hrf')
  const payload = JSON.parse(row.Payload)
  const { password, ...person } = payload
  const rowWith = (changes: object) => ({ ...row, Payload: JSON.stringify({ ...payload, ...changes }) })

  test.each([
    ['the serverless service in MongoDB', { _id: { $oid: 'f'.repeat(24) }, ...row }],
    ['its table in DynamoDB', toDynamo(row)],
    ['an export of that', { Item: toDynamo(row) }],
    ['an export of changes', { Keys: {}, NewImage: toDynamo(row) }],
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
    ['of a number for a name', makeDocument('ada', { firstname: 0 }), 'First name must be a string'],
    ['of a number for a password', makeDocument('ada', { password: 7 }), 'Password is missing'],
    ['of a number for a user name', rowWith({ username: 7 }), 'Username must be a string'],
    ['of a name with NUL', makeDocument('ada', { lastname: 'D\0e' }), 'Last name must not contain control'],
    [
      'of half a character in a name',
      makeDocument('ada', { lastname: '\ud83c' }),
      'Last name must not contain control',
    ],
    ['of a name that rings', makeDocument('ada', { firstname: '\x07' }), 'First name must not contain control'],
    ['of a long name', makeDocument('ada', { lastname: 'x'.repeat(101) }), 'Last name must have 1 to 100 characters'],
    ['of several faults', makeDocument('a b', { email: 'x' }), /^Username may .*; Email must be an email address$/],
    ['of a cart', { PK: 'CART', SK: 'a', Payload: '[]' }, 'Not a user: its PK is CART'],
    ['of an order in DynamoDB', { Item: { PK: { S: 'ORDER' } } }, 'Not a user: its PK is ORDER'],
    ['of a kind with a bell', { PK: '\x07', SK: 'a' }, 'Not a user: its PK is another'],
    ['of two user names', { ...row, KeyID: 'bob' }, 'KeyID and the username in Payload differ'],
    ['of two ids in a table', { ...row, SK: 'b' }, 'SK and the id in Payload differ'],
    ['of no payload', { PK: 'USER', SK: 'a' }, 'Payload is not a user in JSON'],
    [
      'of a payload with a key twice',
      { ...row, Payload: `${row.Payload.slice(0, -1)},"password":"x"}` },
      'Payload is not',
    ],
    ['of a payload nested too deeply', { ...row, Payload: '['.repeat(1e5) + ']'.repeat(1e5) }, 'Payload is not a user'],
    ['of a broken payload', { PK: 'USER', SK: 'a', Payload: '{"id' }, 'Payload is not a user in JSON'],
    ['of no password', rowWith({ password: undefined }), 'Password is required'],
    ['of an empty password', rowWith({ password: '' }), 'Password must have 1 to 256 characters'],
    ['of a long password', rowWith({ password: '🏋'.repeat(257) }), 'Password must have 1 to 256 characters'],
    ['of a password with NUL', rowWith({ password: 'a\0' }), 'Password contains characters that are not text'],
    ['of half a character', rowWith({ password: '\ud800' }), 'Password contains characters that are not text'],
    [
      'of a cut digest',
      makeDocument('ada', { password: SEED_DIGEST.slice(1) }),
      'The password is not the SHA-1 digest',
    ],
    ['of a digest without its salt', makeDocument('ada', { salt: undefined }), 'if there is a salt, export it too'],
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

  test.each([
    ['a document', makeDocument('ada', { username: 7 }), makeDocument('ada')._id.$oid],
    ['a row', rowWith({ username: 7 }), row.SK],
    ['a row in DynamoDB', { Item: toDynamo({ PK: 'ORDER', SK: 'a-1' }) }, 'a-1'],
    ['no user', [7], undefined],
    ['a record whose id may not be shown', { _id: 'a b' }, undefined],
  ])('that is skipped has the id of %s', (_, record, id) => {
    expect(findRecordId(record)).toBe(id)
  })
})

describe('a stored hash', () => {
  const digest = (algorithm: string, encoding: BinaryToTextEncoding) =>
    createHash(algorithm).update('vmware1!').digest(encoding)
  const hex = (algorithm: string) => digest(algorithm, 'hex')
  const base64 = (algorithm: string) => digest(algorithm, 'base64')
  const bcrypt = 'N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'
  const salt = 'aM15713r3Xsvxbi31lqr1Q'

  describe.each([
    ['a document', (password: string) => makeDocument('ada', { password, salt: undefined })],
    ['a row', (password: string) => makeRow('ada', password)],
    ['an item of DynamoDB', (password: string) => ({ Item: toDynamo(makeRow('ada', password)) })],
  ])('in %s is no password', (_, makeRecord) => {
    test.each([
      ['a bcrypt hash', ['$2a$', '$2b$', '$2x$', '$2y$', '{bcrypt}$2a$', '$wp$2y$'].map((id) => `${id}10$${bcrypt}`)],
      ['a bcrypt hash', [`bcrypt_sha256$$2b$12$${bcrypt}`, `$bcrypt-sha256$v=2,t=2b,r=12$${salt}$Kq4Noyk3094Y2QlB8`]],
      [
        'an argon2 hash',
        [`$argon2id$v=19$m=65536,t=3,p=4$${salt}$RdescudvJCsgt3ub`, 'argon2$argon2i$v=19$m=8$c2$ZGVm'],
      ],
      ['a scrypt hash', [`$scrypt$ln=16,r=8,p=1$${salt}$nFNh2C`, `scrypt:32768:8:1$x$${hex('sha512')}`]],
      ['a scrypt hash', ['scrypt$wP5bVHcAfzLC$16384$8$5$abc==', '$7$C6..../....SodiumChloride$kBGj9fHznVY']],
      ['a PBKDF2 hash', [`pbkdf2_sha256$600000$x$${base64('sha256')}`, `$pbkdf2-sha256$29000$${salt}$1t8iyB2A`]],
      ['a PBKDF2 hash', ['pbkdf2:sha256:150000$x$0a1b2c', '{PBKDF2}10000$c2FsdA$aGFzaA', '{PKCS5S2}zu4SHqo7IhpqPhX']],
      [
        'a PBKDF2 hash',
        [`$pbkdf2-sha256-chain$i=50000,r=12$${salt}$x`, `$sha1()-pbkdf2-sha256-chain$i=1,r=1$${salt}$x`],
      ],
      [
        'a hash of ASP.NET Identity',
        [0, 127, 255].flatMap((byte) => [0, 1].map((version) => makeAspNetHash(version, byte))),
      ],
      [
        'a hash of a directory',
        ['SHA', 'SSHA', 'SSHA512', 'SSHA.b64', 'MD5', 'CRYPT', 'x-issha, 1024'].map((id) => `{${id}}c2FsdA`),
      ],
      ['a phpass or Drupal hash', ['$P$9', '$H$9', '$S$D', 'U$S$9'].map((id) => `${id}84478476IagS59wHZvyQMArzfx58u.`)],
      ['a MySQL hash', [`*${hex('sha1')}`, `*${hex('sha1').toUpperCase()}`, '$A$005$MF}s8_DQ']],
      ['a PostgreSQL hash', [`md5${hex('md5')}`, 'SCRAM-SHA-256$4096:c2FsdA==$c3Q=:c2s=']],
      [
        'a crypt hash',
        ['1', '5', '6', 'y', 'gy', 'apr1', 'sha1$20000', 'md5,rounds=9'].map((id) => `$${id}$x$0L6m7rOFTVFn.SG`),
      ],
      ['an MD5 digest in hex', [hex('md5'), hex('md5').toUpperCase(), `${hex('md5')}:salt`, ` ${hex('md5')}\n`]],
      ['a SHA-1 digest in hex', [hex('sha1'), `sha1$salt$${hex('sha1')}`, hex('sha1').replace(/..(?!$)/g, '$&-')]],
      ['a SHA-224 digest in hex', [hex('sha224')]],
      [
        'a SHA-256 digest in hex',
        [hex('sha256'), `0x${hex('sha256')}`, `\\x${hex('sha256')}`, `sha256:${hex('sha256')}`],
      ],
      ['a SHA-384 digest in hex', [hex('sha384')]],
      ['a SHA-512 digest in hex', [hex('sha512'), `${hex('sha512')}.salt`]],
      ['an MD5 digest in base64', [base64('md5')]],
      ['a SHA-1 digest in base64', [base64('sha1'), digest('sha1', 'base64url'), `${base64('sha1')}:salt`]],
      ['a SHA-384 digest in base64', [base64('sha384')]],
      ['a SHA-256 digest in base64', [base64('sha256'), digest('sha256', 'base64url')]],
      ['a SHA-512 digest in base64', [base64('sha512'), digest('sha512', 'base64url')]],
      ["Django's mark of a password", [`!${'x'.repeat(40)}`]],
    ])('%s', (form, hashes) => {
      for (const hash of hashes) {
        expect(() => readUser(makeRecord(hash)), hash).toThrow(new RegExp(`^The password is ${form}.*, not a password`))
      }
    })

    test.each([
      'vmware1!',
      'AS6Hrf',
      'correct horse battery staple',
      'correcthorsebatterystaplecorrecthorsebattery',
      '$money$for$nothing',
      '{secret}password12345',
      '550e8400-e29b-41d4-a716-446655440000',
      '1234567890123456',
      '12345678901234567890123456789012',
      'one-two-three-four-five-six-seven-eight-Nine-10',
      'deadbeef==',
      'ilovepbkdf2',
      'scrypt: the best',
      '*',
      'kX9vB2nM7qR4tY8wZ3cF',
    ])('but %s is one', (password) => {
      expect(readUser(makeRecord(password)).secret).toEqual({ password })
    })
  })

  test('beside a salt is refused, unless it is a SHA-1 digest', () => {
    for (const [password, form] of [
      [`$2b$10$${bcrypt}`, 'a bcrypt hash, '],
      [hex('sha256'), 'a SHA-256 digest in hex, '],
      ['vmware1!', ''],
    ]) {
      const message = `The password is ${form}not the SHA-1 digest that a salt belongs to`
      expect(() => readUser(makeDocument('ada', { password }))).toThrow(message)
    }
    expect(readUser(makeDocument('ada', { password: hex('sha1').toUpperCase() })).secret).toHaveProperty('digest')
  })

  /** Of version 2 and 3: a byte for the format, perhaps its parameters, then salt and hash. */
  function makeAspNetHash(version: number, byte: number): string {
    const parameters = version === 0 ? [] : [0, 0, 0, 1, 0, 0, 0x27, 0x10, 0, 0, 0, 16]
    return Buffer.concat([Buffer.from([version, ...parameters]), Buffer.alloc(48, byte)]).toString('base64')
  }
})

describe('the report', () => {
  test('is removed if nothing was skipped, even if an earlier run wrote it', async () => {
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

  test('is refused if it would overwrite the file to import, or cannot be written', async () => {
    const path = await write('[]')
    expect(() => openReport(path, path)).toThrow('choose another with --report')
    expect(await readFile(path, 'utf8')).toBe('[]')
    expect(() => openReport(folder, path)).toThrow('The report cannot be written: choose another place with --report')
  })

  test('can be read by nobody else on the machine', async () => {
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
