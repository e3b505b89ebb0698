import { describe, expect, test } from 'vitest'
import { get } from '../support/client.ts'

const files = [
  { path: '/docs', type: 'text/html; charset=utf-8', kept: 'no-cache' },
  { path: '/docs.css', type: 'text/css; charset=utf-8', kept: 'no-cache' },
  { path: '/docs.js', type: 'text/javascript; charset=utf-8', kept: 'no-cache' },
  { path: '/docs.svg', type: 'image/svg+xml', kept: 'no-cache' },
  { path: '/openapi.json', type: 'application/json', kept: 'no-cache' },
  { path: '/swagger-ui/swagger-ui.css', type: 'text/css; charset=utf-8', kept: 'public, max-age=3600' },
  { path: '/swagger-ui/swagger-ui-bundle.js', type: 'text/javascript; charset=utf-8', kept: 'public, max-age=3600' },
  {
    path: '/swagger-ui/swagger-ui-bundle.js.LICENSE.txt',
    type: 'text/plain; charset=utf-8',
    kept: 'public, max-age=3600',
  },
  { path: '/swagger-ui/LICENSE.txt', type: 'text/plain; charset=utf-8', kept: 'public, max-age=3600' },
  { path: '/swagger-ui/NOTICE.txt', type: 'text/plain; charset=utf-8', kept: 'public, max-age=3600' },
]

describe.each(files)('$path', ({ path, type, kept }) => {
  test('is served with its type, and with the time that it may be kept [V3.2.1] [V4.1.1]', async () => {
    const { status, headers, text } = await get(path)
    expect(status).toBe(200)
    expect(text.length).toBeGreaterThan(0)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': type,
      'cache-control': kept,
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
    })
  })

  test('redirects from a trailing slash, where its relative addresses would be wrong', async () => {
    const { status, headers } = await get(`${path}/`)
    expect([status, headers.get('Location')]).toEqual([302, `../${path.slice(path.lastIndexOf('/') + 1)}`])
  })

  test('is not sent again to a caller who has it', async () => {
    const etag = (await get(path)).headers.get('ETag') ?? ''
    for (const condition of [etag, `W/${etag}`]) {
      const { status, text } = await get(path, { headers: { 'If-None-Match': condition } })
      expect([status, text]).toEqual([304, ''])
    }
  })
})

test('/ redirects to the page, also under a path that a gateway has put before it', async () => {
  const { status, headers } = await get('/')
  expect([status, headers.get('Location')]).toEqual([302, 'docs'])
})

test('the page runs its own scripts only, talks to this server only, and is in no frame [V3.4.3] [V3.4.6]', async () => {
  const { headers } = await get('/docs')
  expect(headers.get('Content-Security-Policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin')
  const { headers: others } = await get('/docs.svg')
  expect(others.get('Content-Security-Policy')).toBe("default-src 'none'; frame-ancestors 'none'; sandbox")
})

test.each(['*', 'https://shop.example'])(
  'any page may read /openapi.json where CORS_ORIGINS is %s',
  async (origins) => {
    const headers = { Origin: 'https://elsewhere.example' }
    const answer = await get('/openapi.json', { headers, settings: { CORS_ORIGINS: origins } })
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  },
)

test.each([
  '/docs.html',
  '/swagger-ui',
  '/swagger-ui/',
  '/swagger-ui/swagger-ui.css.map',
  '/swagger-ui/%2e%2e%2fopenapi.json',
  '/_headers',
  '/.gitignore',
])('rejects %s: a file has one path, and nothing else is served [V13.4.1] [V13.4.3]', async (path) => {
  const { status, text } = await get(path)
  expect([status, text]).toEqual([404, '{"message":"Not found","status":404}'])
})

test('rejects a file that is not there', async () => {
  const settings = { ASSETS: { fetch: async () => new Response('no', { status: 404 }) } }
  for (const given of [settings, { ASSETS: null }]) {
    expect((await get('/docs', { settings: given })).text).toBe('{"message":"Not found","status":404}')
  }
})
