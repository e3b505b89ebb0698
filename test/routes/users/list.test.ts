import { expect, test } from 'vitest'
import { get } from '../../support/client.ts'
import { registerPerson } from '../../support/people.ts'

test('succeeds with every user, in the published form and without a status', async () => {
  const { status, json } = await get('/users')
  expect(status).toBe(200)
  expect(Object.keys(json)).toEqual(['data'])
  const published = json.data.filter(({ id }: { id: string }) => /^5c61ed848d891bd9e801689[89]$/.test(id))
  expect(JSON.stringify({ data: published })).toBe(
    '{"data":[' +
      '{"username":"walter","email":"walter@acmefitness.com","firstname":"Walter","lastname":"White","id":"5c61ed848d891bd9e8016898"},' +
      '{"username":"dwight","email":"dwight@acmefitness.com","firstname":"Dwight","lastname":"Schrute","id":"5c61ed848d891bd9e8016899"}]}',
  )
})

test('succeeds with new users last: ids sort by time', async () => {
  const { id } = await registerPerson()
  const ids: string[] = (await get('/users')).json.data.map((user: { id: string }) => user.id)
  expect(ids).toContain(id)
  expect(ids).toEqual(ids.toSorted())
})

test('protects passwords: no user has another member than the five published [V8.2.3] [V14.2.4] [V15.3.1]', async () => {
  const { json, text } = await get('/users')
  for (const user of json.data) expect(Object.keys(user)).toEqual(['username', 'email', 'firstname', 'lastname', 'id'])
  expect(text).not.toMatch(/pbkdf2|password/i)
})

test('succeeds with a page, and says how to go on', async () => {
  const all: string[] = (await get('/users')).json.data.map((user: { id: string }) => user.id)
  const first = (await get('/users?limit=2')).json
  expect(first.data.map((user: { id: string }) => user.id)).toEqual(all.slice(0, 2))
  expect(first.next).toBe(all[1])
  const rest = (await get(`/users?after=${first.next}`)).json
  expect(rest.data[0].id).toBe(all[2])
  expect(rest.next).toBeNull()
})

test.each([
  { query: 'limit=0', field: 'limit' },
  { query: 'limit=-1', field: 'limit' },
  { query: 'limit=5001', field: 'limit' },
  { query: 'limit=1.5', field: 'limit' },
  { query: 'limit=0x10', field: 'limit' },
  { query: 'limit=NaN', field: 'limit' },
  { query: 'limit=9223372036854775808', field: 'limit' },
  { query: 'limit=', field: 'limit' },
  { query: 'limit=1&limit=1000', field: 'limit' },
  { query: 'after=not_an_id', field: 'after' },
  { query: "after=' OR 1=1", field: 'after' },
  { query: 'after=a&after=b', field: 'after' },
])('rejects ?$query by its name [V1.2.4] [V1.4.2] [V2.2.1] [V2.3.2] [V15.3.7]', async ({ query, field }) => {
  const { status, json } = await get(`/users?${query}`)
  expect(status).toBe(400)
  expect(json.errors).toEqual([
    {
      field,
      message: field === 'limit' ? 'Limit must be a whole number from 1 to 5000' : 'After must be the id of a user',
    },
  ])
})
