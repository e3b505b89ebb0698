/** Our half of Neon's protocol beside Neon's own driver: the same request, and the same made of the same answer. */
import { env } from 'cloudflare:workers'
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { describeStatement, findEndpoint, readResult, StatementError } from '../../src/db/neon.ts'

const neonEndpoint = neonConfig.fetchEndpoint
const options = { arrayMode: true, fullResults: true } as const

beforeEach(() => {
  neonConfig.fetchEndpoint = neonEndpoint
  neonConfig.fetchFunction = undefined
})

/** The driver names itself in the connection string, and spells the scheme its own way. */
function toPlain(url: string, { headers, ...init }: RequestInit) {
  const { 'Neon-Connection-String': connection = '', ...others } = { ...headers } as Record<string, string>
  const database = new URL(connection.replace(/^postgres:/, 'postgresql:'))
  database.searchParams.delete('application_name')
  return { url, ...init, body: JSON.parse(String(init.body)), headers: { ...others, database: database.href } }
}

describe('sends what the driver sends', () => {
  test.each([
    'postgres://user:password@ep-cool-darkness-123456.eu-central-1.aws.neon.tech/shop',
    'postgresql://user:p%40ss%2Fword@ep-cool-darkness-123456-pooler.us-east-2.aws.neon.tech:5432/shop?sslmode=require',
    'postgres://user:password@db.example/shop?options=endpoint%3Dep-1',
  ])('to %s', async (url) => {
    const fetch = vi.fn(async (_url: string, _init: RequestInit) =>
      Response.json({ command: 'SELECT', rowCount: 0, fields: [], rows: [] }),
    )
    neonConfig.fetchFunction = fetch
    const query = 'SELECT $1, $2, $3, $4'
    const params = ['5c61ed848d891bd9e8016898', 1_234_567_890, true, null]
    await neon(url).query(query, params, options)
    const [theirs = ['', {}]] = fetch.mock.calls
    expect(toPlain(findEndpoint(url), describeStatement(url, query, params))).toEqual(toPlain(...theirs))
  })
})

describe('makes of an answer what the driver makes of it', () => {
  const url = env.DATABASE_URL

  async function ask(query: string, params: unknown[] = []) {
    const response = await fetch(findEndpoint(url), describeStatement(url, query, params))
    return readResult(response.status, await response.text())
  }

  function askDriver(query: string, params: unknown[] = []) {
    neonConfig.fetchEndpoint = findEndpoint(url)
    return neon(url).query(query, params, options)
  }

  test('rows, in the types that the tables have', async () => {
    const query = `SELECT true AS yes, false AS no, NULL AS nothing, 'ü "\\' AS text, 1::int2 AS small, (-2)::int4 AS whole, n
      FROM generate_series($1::int4, $2::int4) n`
    const ours = await ask(query, [1, 3])
    const theirs = await askDriver(query, [1, 3])
    expect(ours.rows).toEqual(theirs.rows)
    expect(ours.names).toEqual(theirs.fields.map(({ name }) => name))
  })

  test('but for large numbers, which the tables keep as far as JavaScript counts', async () => {
    const query = 'SELECT 9007199254740991::int8'
    expect((await askDriver(query)).rows).toEqual([['9007199254740991']])
    expect((await ask(query)).rows).toEqual([[9007199254740991]])
  })

  test.each([
    {
      error: 'a name that is taken',
      code: '23505',
      constraint: 'users_username_key',
      id: 'another',
      username: 'WALTER',
    },
    { error: 'an id that cannot be', code: '23514', constraint: 'users_id_check', id: '/', username: 'nobody' },
    { error: 'a missing value', code: '23502', constraint: undefined, id: 'another', username: null },
  ])('$error', async ({ code, constraint, id, username }) => {
    const query =
      "INSERT INTO users (id, username, email, firstname, lastname, password_hash) VALUES ($1, $2, $1, '', '', '')"
    const ours = await ask(query, [id, username]).catch((error) => error)
    const theirs = await askDriver(query, [id, username]).catch((error) => error)
    expect(ours).toBeInstanceOf(StatementError)
    expect(theirs).toBeInstanceOf(NeonDbError)
    expect({ code: ours.sqlState, constraint: ours.constraint }).toEqual({ code, constraint })
    expect({ code: theirs.code, constraint: theirs.constraint }).toEqual({ code, constraint })
  })
})

test.each([
  [500, 'Internal error'],
  [400, '{"message":"password authentication failed"}'],
  [302, ''],
])('takes %i with %j for no answer of a store', (status, body) => {
  expect(() => readResult(status, body)).toThrow(`status ${status}`)
})
