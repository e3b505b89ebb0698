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
