import { expect, test, vi } from 'vitest'
import { call, post, send } from '../support/client.ts'
import { logInPerson } from '../support/people.ts'

const login = { username: 'nobody', password: 'wrong' }
const headers = { 'Content-Type': 'application/json' }

/** Sends a body as it is, once with the length that HTTP declares and once without; 401 shows that it got through. */
async function statusOf(body: string | Uint8Array<ArrayBuffer>, contentType = 'application/json') {
  const length = String(new Blob([body]).size)
  const type = { 'Content-Type': contentType }
  const undeclared = await send('/login', { method: 'POST', body, headers: type })
  const declared = await send('/login', { method: 'POST', body, headers: { ...type, 'Content-Length': length } })
  expect(declared.json).toEqual(undeclared.json)
  return [declared.status, declared.json.message]
}

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
  'application/json ; charset=utf-8; q=1',
  'Application/JSON',
  'application/json;',
  'application/json; charset=utf8',
  'application/json; charset=UTF8',
  'application/json; charset=unicode-1-1-utf-8',
  'application/json; charset=x-unicode20utf8',
  'application/json; charset=us-ascii',
  'application/json; charset=ASCII',
  'application/json; charset="utf8"; profile=x',
  'application/json; profile="charset=x"',
])('succeeds with the content type %j', async (type) => {
  expect(await statusOf(JSON.stringify(login), type)).toEqual([401, 'Invalid username or password'])
})

test.each([
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/problem+json',
  'text/plain; application/json',
  'application/merge-patch+json',
])('rejects the content type %j before it reads the body [V3.5.2]', async (type) => {
  const tooLarge = 'x'.repeat(17_000)
  expect(await statusOf(tooLarge, type)).toEqual([415, 'Content-Type must be application/json'])
})

test.each([
  ['application/json; charset=utf-16', 'in UTF-8, not in utf-16'],
  ['application/json; charset=utf-8; charset=latin1', 'in UTF-8, not in latin1'],
  ['application/json; charset="ISO-8859-1"', 'in UTF-8, not in ISO-8859-1'],
  ['application/json; charset=', 'in UTF-8'],
  ['application/json; charset="a<script>"', 'in UTF-8'],
])('rejects the charset of %j by its name', async (type, complaint) => {
  const message = `Content-Type must be application/json ${complaint}`
  expect(await statusOf('x'.repeat(17_000), type)).toEqual([415, message])
})

test('succeeds with a merge patch (RFC 7396) where a PATCH is one', async () => {
  const { id, accessToken: token } = await logInPerson()
  for (const type of ['application/merge-patch+json', 'Application/Merge-Patch+JSON; charset=utf8']) {
    const headers = { 'Content-Type': type }
    const { status } = await call('PATCH', `/users/${id}`, { firstname: 'Ann' }, { token, headers })
    expect(status).toBe(200)
  }
})

test('rejects more than 16 KiB, and not a byte less [V2.3.2]', async () => {
  const body = JSON.stringify(login)
  expect(await statusOf(body.padEnd(16 * 1024))).toEqual([401, 'Invalid username or password'])
  expect(await statusOf(body.padEnd(16 * 1024 + 1))).toEqual([413, 'Body is too large'])
})

test('rejects an endless body while it is being read, and reads no further [V2.3.2]', async () => {
  const pull = vi.fn((controller) => controller.enqueue(new TextEncoder().encode(' '.repeat(1_000))))
  const { status } = await send('/login', { method: 'POST', body: new ReadableStream({ pull }), headers })
  expect(status).toBe(413)
  expect(pull.mock.calls.length).toBeLessThan(20)
})

test('rejects a body that declares too much before it is read [V2.3.2]', async () => {
  const pull = vi.fn()
  const { status } = await send('/login', {
    method: 'POST',
    body: new ReadableStream({ pull }, { highWaterMark: 0 }),
    headers: { ...headers, 'Content-Length': String(16 * 1024 + 1) },
  })
  expect(status).toBe(413)
  expect(pull).not.toHaveBeenCalled()
})

test.each([
  ['nothing', ''],
  ['half an object', '{"username":'],
  ['a trailing comma', '{"username":"a",}'],
  ['single quotes', "{'username':'a'}"],
  ['form data', 'username=a&password=b'],
  ['a NUL byte', '{"username":"a\0"}'],
  ['two objects', '{}{}'],
  ['10,000 brackets', '['.repeat(10_000)],
])('rejects %s as not JSON', async (_, body) => {
  expect(await statusOf(body)).toEqual([400, 'Body is not valid JSON'])
})

test('succeeds with a byte order mark before the JSON, as RFC 8259 lets it', async () => {
  expect(await statusOf(`\ufeff${JSON.stringify(login)}`)).toEqual([401, 'Invalid username or password'])
})

test.each([
  ['a broken sequence', [0xc3, 0x28]],
  ['an encoded surrogate', [0xed, 0xa0, 0x80]],
  ['a sequence cut short', [0xf0, 0x9f]],
  ['the beginning of a longer sequence', [0xf0, 0x9f, 0x98]],
  ['UTF-16', [0xff, 0xfe, 0x7b, 0x00]],
])('rejects %s as not UTF-8 [V1.1.1]', async (_, bytes) => {
  const open = new TextEncoder().encode('{"username":"')
  const close = new TextEncoder().encode('","password":"x"}')
  expect(await statusOf(new Uint8Array([...open, ...bytes, ...close]))).toEqual([400, 'Body is not valid JSON'])
})

test('succeeds with the character U+FFFD, which is text when it is sent as itself', async () => {
  const body = JSON.stringify({ ...login, password: 'wr\ufffdng' })
  expect(await statusOf(body)).toEqual([401, 'Invalid username or password'])
})

test('succeeds with characters that are split between chunks', async () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...login, password: '🦊🦊' }))
  const chunks = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
      controller.close()
    },
  })
  const { status } = await send('/login', { method: 'POST', body: chunks, headers })
  expect(status).toBe(401)
})

test.each(['[]', '[{"username":"a","password":"b"}]', '1', '"text"', 'true', 'null'])(
  'rejects %s in place of an object [V2.2.1]',
  async (body) => {
    const { status, json } = await post('/login', body)
    expect(status).toBe(400)
    expect(json).toEqual({
      message: 'Validation failed',
      status: 400,
      errors: [{ field: 'body', message: 'Body must be a JSON object' }],
    })
  },
)
