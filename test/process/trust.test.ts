/** Another Worker of the shop beside this one trusts its tokens in the three ways that docs/tokens.md shows. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { findCodeIn } from '../support/process/pages.ts'
import { describeWorker, startWorkers } from '../support/process/worker.ts'

const shop = join(import.meta.dirname, '../shop')

let local: LocalDatabase

beforeAll(async () => {
  local = await startLocalDatabase()
})

afterAll(() => local.close())

async function makeKey(alg: string) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: alg, alg }
}

/** Starts both Workers, the user service signing with the first of the keys. */
async function startShop(keys: JWK[]) {
  const userWorker = describeWorker(local.url)
  userWorker.secrets.ACCESS_TOKEN_KEY = JSON.stringify({ keys })
  const users = createTestHarness({ workers: [userWorker] })
  const { origin } = (await users.listen()).url
  const order = await startWorkers([
    { configPath: join(shop, 'wrangler.toml'), vars: { USERS_URL: origin } },
    userWorker,
  ])

  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await users.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await response.json()) as Record<string, string>
  }
  return {
    async register(username: string) {
      const password = 'correct horse battery'
      const person = { username, password, firstname: 'J', lastname: 'D', email: `${username}@acmefitness.com` }
      const { resourceId: id = '' } = await post('/register', person)
      const { access_token: token = '', refresh_token: refresh = '' } = await post('/login', { username, password })
      return { id, token, refresh }
    },
    /** Asks each way about a token. */
    ask: async (token: string) => (await order.call('GET', '/', undefined, token)).json,
    async close() {
      await order.close()
      await users.close()
    },
  }
}

describe.each([
  ['ES256', 'EdDSA'],
  ['EdDSA', 'ES256'],
])('with %s in use and %s published beside it', (inUse, other) => {
  let running: Awaited<ReturnType<typeof startShop>>

  beforeAll(async () => {
    running = await startShop([await makeKey(inUse), await makeKey(other)])
  })

  afterAll(() => running.close())

  test('each way accepts a good access token and knows its user', async () => {
    const username = `trusted-${inUse}`
    const { id, token } = await running.register(username)
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: inUse })
    const user = expect.objectContaining({ username, id })
    expect(await running.ask(token)).toEqual({ http: true, binding: id, jwks: id, user })
  })

  test('each way refuses a refresh token, a changed one and none; the third says why', async () => {
    const { token, refresh } = await running.register(`distrusted-${inUse}`)
    const bad = [
      [refresh, 'ERR_JOSE_ALG_NOT_ALLOWED'],
      [`${token.slice(0, -8)}AAAAAAAA`, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
      [`x${token}`, 'ERR_JWS_INVALID'],
      ['', 'ERR_JWS_INVALID'],
    ] as const
    for (const [text, jwks] of bad) {
      expect(await running.ask(text)).toEqual({ http: false, binding: null, jwks, user: null })
    }
  })
})

test.each(['over-http.ts', 'over-binding.ts', 'by-yourself.ts'])(
  'docs/tokens.md shows %s as it was tried here',
  async (name) => {
    expect(findCodeIn('ts', 'docs/tokens.md')).toContain((await readFile(join(shop, name), 'utf8')).trimEnd())
  },
)
