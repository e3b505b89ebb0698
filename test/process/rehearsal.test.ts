/** A dry run remembers the users before, in place of the rows that an import would have written. */
import { readdir } from 'node:fs/promises'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { MAX_GROUP } from '../../ops/users/import/key-marks.ts'
import { Rehearsal } from '../../ops/users/import/rehearsal.ts'
import type { User } from '../../src/schemas/responses.ts'
import { createFolder } from '../support/process/legacy-records.ts'

const { folder, remove } = await createFolder()
afterAll(remove)

const makeUser = (n: number) => ({
  id: `id-${n}`,
  username: `User.${n}`,
  email: `User.${n}@acmefitness.com`,
  firstname: 'Zoë',
  lastname: '\u{1f3cb}',
})

const stranger = { ...makeUser(1_000_000), id: 'x', username: 'x', email: 'x' }

function makeUsers(from: number, to: number) {
  return Array.from({ length: to - from }, (_, index) => makeUser(from + index))
}

describe('of 30,000 users', () => {
  const rehearsal = new Rehearsal(0)
  for (let n = 0; n < 30_000; n += 100) rehearsal.add(makeUsers(n, n + 100))
  afterAll(() => rehearsal.close())

  test.each([
    ['id', (user: User) => ({ ...stranger, id: user.id })],
    ['user name, in whatever case', (user: User) => ({ ...stranger, username: user.username.toUpperCase() })],
    ['address, in whatever case', (user: User) => ({ ...stranger, email: user.email.toLowerCase() })],
  ])('finds each by the %s', (_, makeSharer) => {
    for (let n = 0; n < 30_000; n += 17) expect(rehearsal.find([makeSharer(makeUser(n))])).toContainEqual(makeUser(n))
  })

  test('reads few again for people who share nothing', () => {
    expect(rehearsal.find(makeUsers(30_000, 60_000)).length).toBeLessThan(3_000)
  })
})

test('finds users of batches for which no number is left, too', () => {
  const rehearsal = new Rehearsal(0)
  for (let n = 0; n < MAX_GROUP + 3; n++) rehearsal.add([makeUser(n)])
  for (const n of [0, MAX_GROUP - 1, MAX_GROUP, MAX_GROUP + 2]) {
    expect(rehearsal.find([makeUser(n)])).toContainEqual(makeUser(n))
  }
  rehearsal.close()
})

test('leaves no file behind, however it ends, and has no password in it', async () => {
  vi.stubEnv('TMPDIR', folder)
  const rehearsal = new Rehearsal(0)
  rehearsal.add([Object.assign(makeUser(1), { secret: { password: 'canary' } })])
  expect(await readdir(folder)).toEqual([])
  expect(rehearsal.find([makeUser(1)])).toEqual([makeUser(1)])
  rehearsal.close()
})

test('says that it needs room, if there is none', () => {
  vi.stubEnv('TMPDIR', `${folder}/missing`)
  expect(() => new Rehearsal(0)).toThrow(`A dry run needs room in ${folder}/missing`)
})
