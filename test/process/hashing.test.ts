/** An import hashes one batch after the other, with no pause between them. */
import { expect, test, vi } from 'vitest'
import { createHasher } from '../../ops/users/import/hashing.ts'
import { makePayload } from '../support/process/legacy-records.ts'

function makeUsers(prefix: string, count: number) {
  return Array.from({ length: count }, (_, n) => {
    const { password, ...person } = makePayload(`${prefix}-${n}`, `password of ${n}`)
    return { ...person, secret: { password } }
  })
}

test('a batch that comes while another is hashed ends after it; both keep their order', async () => {
  const done: string[] = []
  const hash = createHasher({ iterations: 1_000, isStopping: () => false, onHashed: () => done.push('user') })
  const [first, second] = [makeUsers('first', 50), makeUsers('second', 30)]
  const rows = await Promise.all([
    hash(first).finally(() => done.push('first')),
    hash(second).finally(() => done.push('second')),
  ])
  expect(rows.map((batch) => batch.map(({ username }) => username))).toEqual(
    [first, second].map((batch) => batch.map(({ username }) => username)),
  )
  expect(done.filter((step) => step !== 'user')).toEqual(['first', 'second'])
  expect(done.length).toBe(82)
  expect(rows[1]?.[0]).toMatchObject({ passwordHash: expect.stringMatching(/^\$pbkdf2-sha256-chain\$i=1000,r=1\$/) })
  expect(rows[1]?.[0]).not.toHaveProperty('secret')
})

test('no other hash begins once the import is to stop, and finished hashes are kept', async () => {
  let hashed = 0
  const isStopping = () => hashed >= 10
  const hash = createHasher({ iterations: 1_000, isStopping, onHashed: () => hashed++ })
  const rows = await hash(makeUsers('stopped', 200))
  expect(rows.length).toBe(hashed)
  expect(rows.length).toBeLessThan(200)
  expect(await hash(makeUsers('late', 5))).toEqual([])
})

test('a hash waits for no timer between its links, so that all cores can work', async () => {
  const hash = createHasher({ iterations: 150_000, isStopping: () => false, onHashed: () => {} })
  const secret = { digest: new Uint8Array(20), salt: new Uint8Array(3) }
  const digests = makeUsers('digest', 1).map((user) => ({ ...user, secret }))
  const setTimeout = vi.spyOn(globalThis, 'setTimeout')
  const rows = await hash([...makeUsers('password', 1), ...digests])
  expect(rows.map(({ passwordHash }) => passwordHash)).toEqual([
    expect.stringMatching(/^\$pbkdf2-sha256-chain\$i=50000,r=3\$/),
    expect.stringMatching(/^\$sha1\(\w+\)-pbkdf2-sha256-chain\$i=50000,r=3\$/),
  ])
  expect(setTimeout).not.toHaveBeenCalled()
})
