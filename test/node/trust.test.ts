/** Another Worker of the shop beside this one, trusting its tokens in the three ways that the README shows. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { type LocalDatabase, startLocalDatabase } from '../../dev/local-database.ts'
import { describeWorker, type RunningWorker, startWorkers } from './worker.ts'

const shop = join(import.meta.dirname, '../shop')

let local: LocalDatabase
let order: RunningWorker
let users: ReturnType<typeof createTestHarness>

const register = async (username: string) => {
  const password = 'correct horse battery'
  const person = { username, password, firstname: 'J', lastname: 'D', email: `${username}@acmefitness.com` }
  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await users.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await response.json()) as Record<string, string>
  }
  const { resourceId: id = '' } = await post('/register', person)
  const { access_token: token = '', refresh_token: refresh = '' } = await post('/login', { username, password })
  return { id, token, refresh }
}

beforeAll(async () => {
  local = await startLocalDatabase()
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const userWorker = describeWorker(local.url)
  userWorker.secrets.ACCESS_TOKEN_KEY = JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'es-1', alg: 'ES256' })
  users = createTestHarness({ workers: [userWorker] })
  const { url } = await users.listen()
  order = await startWorkers([{ configPath: join(shop, 'wrangler.toml'), vars: { USERS_URL: url.origin } }, userWorker])
})

afterAll(async () => {
  await order.close()
  await users.close()
  await local.close()
})

test('each way accepts a good access token and knows whose it is', async () => {
  const { id, token } = await register('trusted')
  const { json } = await order.call('GET', '/', undefined, token)
  expect(json).toEqual({
    http: true,
    binding: id,
    jwks: id,
    user: expect.objectContaining({ username: 'trusted', id }),
  })
})

test('each way refuses a refresh token, a changed one and none', async () => {
  const { token, refresh } = await register('distrusted')
  for (const bad of [refresh, `${token.slice(0, -8)}AAAAAAAA`, `x${token}`, '']) {
    const { json } = await order.call('GET', '/', undefined, bad)
    expect(json).toEqual({ http: false, binding: null, jwks: null, user: null })
  }
})

test.each(['over-http.ts', 'over-binding.ts', 'by-yourself.ts'])(
  'the README shows %s as it was tried here',
  async (name) => {
    const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
    expect(readme).toContain(`\`\`\`ts\n${await readFile(join(shop, name), 'utf8')}\`\`\``)
  },
)
