/** Another Worker of the shop beside this one trusts its tokens in the three ways that docs/tokens.md shows. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeProtectedHeader, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { newKey, setOf } from '../support/keys.ts'
import { type Container, describeService, startContainer } from '../support/process/container.ts'
import { startGateway } from '../support/process/gateway.ts'
import { findCodeIn } from '../support/process/pages.ts'
import { logInPerson } from '../support/process/people.ts'
import { findFreePort } from '../support/process/postgres.ts'
import { describeWorker, startWorkers } from '../support/process/worker.ts'

const shop = join(import.meta.dirname, '../shop')

let local: LocalDatabase

beforeAll(async () => {
  local = await startLocalDatabase()
})

afterAll(() => local.close())

/**
 * Starts both Workers. The user service signs with the first of the keys. The shop reaches it over a gateway, which leads
 * to each deploy of it, and over a binding to one that knows these keys throughout.
 */
async function startShop(keys: JWK[], vars: Record<string, string> = {}) {
  const deploys: Container[] = []
  const upstream = new URL('http://127.0.0.1')
  const gateway = await startGateway(upstream, '')
  const withKeys = describeWorker(local.url, vars)
  withKeys.secrets.ACCESS_TOKEN_KEY = setOf(...keys)
  const order = await startWorkers([
    {
      configPath: join(shop, 'wrangler.toml'),
      vars: { USERS_URL: `http://127.0.0.1:${new URL(gateway.url).port}` },
    },
    withKeys,
  ])

  /** Puts another user service behind the gateway, while the shop runs on. */
  async function deploy(...keys: JWK[]) {
    const settings = describeService(local.url, { ...vars, ACCESS_TOKEN_KEY: setOf(...keys) })
    const users = await startContainer(inject('app'), settings)
    deploys.push(users)
    upstream.port = String(users.port)
  }

  await deploy(...keys)
  return {
    logIn: () => logInPerson(deploys.at(-1) as Container),
    /** Asks each way about a token, by a clock of the shop that is ahead of the user service's. */
    ask: async (token: string, secondsAhead = 0) =>
      (await order.call('GET', '/', undefined, token, { 'X-Seconds-Ahead': String(secondsAhead) })).json,
    deploy,
    /** Leads the gateway to nobody, until the next deploy. */
    async takeAway() {
      upstream.port = String(await findFreePort())
    },
    async close() {
      await order.close()
      gateway.close()
      for (const { process } of deploys) process.kill()
    },
  }
}

describe.each([
  ['ES256', 'EdDSA'],
  ['EdDSA', 'ES256'],
] as const)('with %s in use and %s published beside it', (inUse, other) => {
  let running: Awaited<ReturnType<typeof startShop>>

  beforeAll(async () => {
    running = await startShop([await newKey(inUse), await newKey(other)])
  })

  afterAll(() => running.close())

  test('each way accepts a good access token and knows its user', async () => {
    const { id, token, username } = await running.logIn()
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: inUse })
    const user = expect.objectContaining({ username, id })
    expect(await running.ask(token)).toEqual({ http: true, binding: id, jwks: id, user })
  })

  test('each way refuses a refresh token, a changed one and none; the third says why', async () => {
    const { token, refresh_token } = await running.logIn()
    const bad = [
      [refresh_token, 'ERR_JOSE_ALG_NOT_ALLOWED'],
      [`${token.slice(0, -8)}AAAAAAAA`, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
      [`x${token}`, 'ERR_JWS_INVALID'],
      ['', 'ERR_JWS_INVALID'],
    ] as const
    for (const [text, jwks] of bad) {
      expect(await running.ask(text)).toEqual({ http: false, binding: null, jwks, user: null })
    }
  })

  test('each way accepts a new token by a clock that is a minute ahead or behind; the third goes by its own', async () => {
    const { id, token } = await running.logIn()
    for (const secondsAhead of [-60, 60]) {
      expect(await running.ask(token, secondsAhead)).toMatchObject({ http: true, binding: id, jwks: id })
    }
    expect(await running.ask(token, 400)).toMatchObject({ http: true, binding: id, jwks: 'ERR_JWT_EXPIRED' })
  })
})

describe('while the shop runs on', () => {
  const day = { ACCESS_TOKEN_SECONDS: '86400' }
  let old: JWK
  let next: JWK
  let running: Awaited<ReturnType<typeof startShop>>
  /** The clock of the shop. Each test begins after the keys of the one before have been forgotten. */
  let now = 0

  beforeAll(async () => {
    old = await newKey('ES256')
    next = await newKey('EdDSA')
    running = await startShop([old, next], day)
  })

  beforeEach(() => {
    now += 1_000
  })

  afterAll(() => running.close())

  /** Deploys the user service with these keys, and logs somebody in there. */
  async function issue(...keys: JWK[]) {
    await running.deploy(...keys)
    return running.logIn()
  }

  const accepted = (id: string) => expect.objectContaining({ http: true, binding: id, jwks: id })

  test('a key is replaced in three deploys, and no token is refused before its time [V11.2.2]', async () => {
    const first = await issue(old)
    expect(await running.ask(first.token, now)).toEqual(accepted(first.id))
    const second = await issue(old, next)
    expect(await running.ask(second.token, now + 1)).toEqual(accepted(second.id))
    // Five minutes later nobody holds the set without the new key.
    const third = await issue(next, old)
    for (const { id, token } of [first, second, third]) {
      expect(await running.ask(token, now + 301)).toEqual(accepted(id))
    }
    await running.deploy(next)
    expect(await running.ask(third.token, now + 602)).toEqual(accepted(third.id))
    expect(await running.ask(first.token, now + 603)).toMatchObject({ http: false, jwks: 'ERR_JWKS_NO_MATCHING_KEY' })
  })

  test('a key that signs before it was published is refused for half a minute by those who hold the set', async () => {
    const before = await issue(old)
    expect(await running.ask(before.token, now)).toEqual(accepted(before.id))
    const { id, token } = await issue(next, old)
    expect(await running.ask(token, now + 10)).toMatchObject({ http: true, jwks: 'ERR_JWKS_NO_MATCHING_KEY' })
    expect(await running.ask(token, now + 31)).toEqual(accepted(id))
    expect(await running.ask(before.token, now + 32)).toEqual(accepted(before.id))
  })

  test('a set that is away for a minute is missed by those alone who must read it then, and never refuses a token', async () => {
    const { id, token } = await issue(old)
    expect(await running.ask(token, now)).toEqual(accepted(id))
    await running.takeAway()
    const away = { http: 'the user service answered 502', binding: id }
    expect(await running.ask(token, now + 60)).toMatchObject({ ...away, jwks: id })
    expect(await running.ask(token, now + 301)).toMatchObject({ ...away, jwks: 'ERR_JOSE_GENERIC' })
    await running.deploy(old)
    expect(await running.ask(token, now + 302)).toEqual(accepted(id))
  })
})

test.each(['over-http.ts', 'over-binding.ts', 'by-yourself.ts'])(
  'docs/tokens.md shows %s as it was tried here',
  async (name) => {
    expect(findCodeIn('ts', 'docs/tokens.md')).toContain((await readFile(join(shop, name), 'utf8')).trimEnd())
  },
)
