import { expect, test, vi } from 'vitest'
import { get, post } from '../support/client.ts'
import { newPerson, registerPerson } from '../support/people.ts'
import { deleteRow, readRow } from '../support/store.ts'

const published = {
  username: 'peterp',
  password: 'vmware1!',
  firstname: 'amazing',
  lastname: 'spiderman',
  email: 'peterp@acmefitness.com',
}

/** Registers with one field changed, and returns the complaint about that field. */
async function complaint(change: Record<string, unknown>) {
  const { status, json } = await post('/register', { ...newPerson(), ...change })
  expect(status).toBe(400)
  expect(json).toMatchObject({ message: 'Validation failed', status: 400 })
  expect(json.errors).toHaveLength(1)
  return json.errors[0]
}

test('succeeds with the published example [V7.6.2]', async () => {
  await deleteRow(published.username)
  const { status, text, json } = await post('/register', published)
  expect(status).toBe(201)
  expect(text).toMatch(/^\{"message":"User created successfully!","resourceId":"[0-9a-f]{24}","status":201\}$/)
  const { password, ...person } = published
  expect((await get(`/users/${json.resourceId}`)).json.data).toEqual({ ...person, id: json.resourceId })
})

test('succeeds with an id that begins with the time of registration', async () => {
  const { id } = await registerPerson()
  expect(Math.abs(Number.parseInt(id.slice(0, 8), 16) - Date.now() / 1000)).toBeLessThan(60)
})

test('succeeds without looking at members that it does not know, and stores none [V15.3.3]', async () => {
  const person = newPerson()
  const body = { ...person, id: 'mine', generation: 7, password_hash: 'x', passwordHash: 'x', role: 'admin' }
  const { status, json } = await post('/register', body)
  expect(status).toBe(201)
  const row = await readRow(person.username)
  expect(row).toMatchObject({ id: json.resourceId, passwordHash: expect.stringMatching(/^\$pbkdf2/) })
  expect(row.generation).not.toBe(7)
})

test('succeeds without the white space around username and email, and keeps that of the password', async () => {
  const person = { ...newPerson(), password: ' spaces at both ends ' }
  const pasted = { ...person, username: ` ${person.username}\n`, email: `\t${person.email} ` }
  expect((await post('/register', pasted)).status).toBe(201)
  expect(await readRow(person.username)).toMatchObject({ username: person.username, email: person.email })
  const { username, password } = person
  expect((await post('/login', { username, password })).status).toBe(200)
  expect((await post('/login', { username, password: password.trim() })).status).toBe(401)
})

test('rejects a username or an email that is white space only', async () => {
  expect(await complaint({ username: '   ' })).toEqual({
    field: 'username',
    message: 'Username must have 1 to 64 characters',
  })
  expect(await complaint({ email: ' \n' })).toEqual({ field: 'email', message: 'Email must have 1 to 254 characters' })
})

test('succeeds with the character U+FFFD in a password, and tells it from bytes that are no UTF-8', async () => {
  const person = { ...newPerson(), password: 'replaced \ufffd\ufffd' }
  expect((await post('/register', person)).status).toBe(201)
  const { username, password } = person
  expect((await post('/login', { username, password })).status).toBe(200)
})

test('succeeds with the last of duplicate keys [V15.3.7]', async () => {
  const person = newPerson()
  const body = JSON.stringify(person).replace('{', '{"username":"walter",')
  expect((await post('/register', body)).status).toBe(201)
  expect((await readRow(person.username)).username).toBe(person.username)
})

test.each([
  ['8 letters and no more', 'qzvkwpxm'],
  ['digits only', '83746592013'],
  ['spaces only', '         '],
  ['8 emoji', '🦊🐼🦁🐸🐵🐔🐧🐦'],
  ['256 characters', 'ab😀d'.repeat(64)],
])('succeeds with a password of %s [V6.2.1] [V6.2.5] [V6.2.9]', async (_, password) => {
  expect((await post('/register', { ...newPerson(), password })).status).toBe(201)
})

test('succeeds with a name that another language or a hostile mind would write [V1.1.2] [V1.2.1] [V1.2.3]', async () => {
  const names = { firstname: '</script><b>"\\', lastname: '김 O’Brien-Œ 🦊' }
  const { json } = await post('/register', { ...newPerson(), ...names })
  expect((await get(`/users/${json.resourceId}`)).json.data).toMatchObject(names)
})

test('rejects a name that is taken, whatever the case of its letters', async () => {
  const { username } = await registerPerson()
  const { status, text } = await post('/register', { ...newPerson(), username: username.toUpperCase() })
  expect(status).toBe(409)
  expect(text).toBe('{"message":"Username is already taken","status":409}')
})

test('rejects an email that is taken, whatever the case of its letters', async () => {
  const { email } = await registerPerson()
  const { status, text } = await post('/register', { ...newPerson(), email: email.toUpperCase() })
  expect(status).toBe(409)
  expect(text).toBe('{"message":"Email is already taken","status":409}')
})

test('rejects both taken with the complaint about the username', async () => {
  const person = await registerPerson()
  const other = await registerPerson()
  const both = { ...newPerson(), username: person.username, email: other.email }
  expect((await post('/register', both)).json.message).toBe('Username is already taken')
})

test('rejects an empty object with one complaint per field', async () => {
  const { json } = await post('/register', {})
  expect(json).toEqual({
    message: 'Validation failed',
    status: 400,
    errors: [
      { field: 'username', message: 'Username is required' },
      { field: 'password', message: 'Password is required' },
      { field: 'firstname', message: 'First name is required' },
      { field: 'lastname', message: 'Last name is required' },
      { field: 'email', message: 'Email is required' },
    ],
  })
})

test('rejects a common password beside all other fields at fault', async () => {
  const { json } = await post('/register', { username: 'a b', password: 'sunshine', firstname: '', lastname: 1 })
  expect(json.errors.map(({ field }: { field: string }) => field)).toEqual([
    'username',
    'password',
    'firstname',
    'lastname',
    'email',
  ])
})

test.each([{ value: null }, { value: 1 }, { value: true }, { value: ['a'] }, { value: { $ne: 1 } }])(
  'rejects $value in place of any string [V2.2.1] [V2.2.2] [V15.3.5]',
  async ({ value }) => {
    for (const field of Object.keys(newPerson())) {
      expect((await complaint({ [field]: value })).field).toBe(field)
    }
  },
)

test.each([
  ['username', '', 'Username must have 1 to 64 characters'],
  ['username', 'x'.repeat(65), 'Username must have 1 to 64 characters'],
  ['username', 'not a name', 'Username may contain only letters, digits, dots, underscores and hyphens'],
  ['username', 'nul\0', 'Username may contain only letters, digits, dots, underscores and hyphens'],
  ['username', '\u212aelvin', 'Username may contain only letters, digits, dots, underscores and hyphens'],
  ['email', 'walter', 'Email must be an email address'],
  ['email', 'a@b\r\nBcc: c@d', 'Email must be an email address'],
  ['email', 'wälter@acmefitness.com', 'Email must be an email address'],
  ['email', `${'x'.repeat(250)}@a.de`, 'Email must have 1 to 254 characters'],
  ['firstname', '', 'First name must have 1 to 100 characters'],
  ['firstname', '🦊'.repeat(101), 'First name must have 1 to 100 characters'],
  ['lastname', 'nul\0', 'Last name must not contain control characters'],
  ['lastname', 'line\nbreak', 'Last name must not contain control characters'],
  ['lastname', 'lone \ud800 surrogate', 'Last name must not contain control characters'],
  ['password', '1234567', 'Password must have 8 to 256 characters'],
  ['password', '🦊🐼🦁🐸', 'Password must have 8 to 256 characters'],
  ['password', 'x'.repeat(257), 'Password must have 8 to 256 characters'],
  ['password', 'nul at the end\0', 'Password contains characters that are not text'],
  ['password', 'lone \udfff surrogate', 'Password contains characters that are not text'],
  ['password', 'Sunshine', 'Password is too common: it is among the most used ones'],
  ['password', 'ｓｕｎｓｈｉｎｅ', 'Password is too common: it is among the most used ones'],
])('rejects the %s %j [V1.3.3] [V1.3.11] [V2.2.1] [V6.2.1] [V6.2.4]', async (field, value, message) => {
  expect(await complaint({ [field]: value })).toEqual({ field, message })
})

test.each(['username', 'email'] as const)('rejects a password that is the %s [V2.2.3] [V6.2.11]', async (field) => {
  const person = newPerson()
  expect(await complaint({ ...person, password: person[field].toUpperCase() })).toEqual({
    field: 'password',
    message: 'Password must differ from the username and the email',
  })
})

test('protects the password: at rest there is a salted, self-describing hash of it [V11.4.2]', async () => {
  const [one, other] = [await registerPerson(), await post('/register', published).then(() => published)]
  const hashes = await Promise.all([one, other].map(async ({ username }) => (await readRow(username)).passwordHash))
  for (const hash of hashes) {
    expect(hash).toMatch(/^\$pbkdf2-sha256-chain\$i=15000,r=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  }
  const salts = hashes.map((hash) => hash.split('$')[3])
  expect(new Set(salts).size).toBe(2)
})

test('protects prototypes: a __proto__ member changes nothing [V1.5.2] [V15.3.6]', async () => {
  const body = JSON.stringify(newPerson()).replace('{', '{"__proto__":{"polluted":1},"constructor":{"prototype":{}},')
  expect((await post('/register', body)).status).toBe(201)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('protects the isolate: no call asks PBKDF2 for more than the 100,000 iterations that Workers allow [V11.4.2]', async () => {
  const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
  await post('/register', newPerson(), { settings: { PBKDF2_ITERATIONS: null } })
  const iterations = deriveBits.mock.calls.map(([algorithm]) => (algorithm as { iterations: number }).iterations)
  expect(Math.max(...iterations)).toBeLessThanOrEqual(100_000)
  expect(iterations.reduce((sum, count) => sum + count)).toBe(600_000)
})
