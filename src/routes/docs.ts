/**
 * Serves the documentation page, the OpenAPI document and the files that the page loads, each by name from `public/`.
 */
import { createRouter } from '../context.ts'
import { ApiError } from '../errors.ts'

const REVALIDATED = { 'Cache-Control': 'no-cache' }
const KEPT_FOR_AN_HOUR = { 'Cache-Control': 'public, max-age=3600' }

/** The page may run its own files only, and call this service only: a token can go to no other server. */
const PAGE = {
  ...REVALIDATED,
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
}

const TYPES: Partial<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
}

/** The files by their names in `public/`, with the headers of each. */
const FILES = {
  'docs.html': PAGE,
  'docs.css': REVALIDATED,
  'docs.js': REVALIDATED,
  'docs.svg': REVALIDATED,
  // The document is public, so any page may read it, whatever CORS_ORIGINS says about calls.
  'openapi.json': { ...REVALIDATED, 'Access-Control-Allow-Origin': '*' },
  'swagger-ui/swagger-ui.css': KEPT_FOR_AN_HOUR,
  'swagger-ui/swagger-ui-bundle.js': KEPT_FOR_AN_HOUR,
  'swagger-ui/swagger-ui-bundle.js.LICENSE.txt': KEPT_FOR_AN_HOUR,
  'swagger-ui/LICENSE.txt': KEPT_FOR_AN_HOUR,
  'swagger-ui/NOTICE.txt': KEPT_FOR_AN_HOUR,
}

/**
 * `GET /` redirects to `/docs`; the path of any other file is its name. Addresses are relative, because a gateway may
 * put a path before the service. A trailing slash would break them, so such a path redirects to the one without it.
 */
export const docs = createRouter()

docs.get('/', (c) => c.redirect('docs'))

for (const [file, headers] of Object.entries(FILES)) {
  const path = file === 'docs.html' ? '/docs' : `/${file}`
  docs.get(path, async (c) => {
    if (new URL(c.req.url).pathname.endsWith('/')) return c.redirect(`..${path.slice(path.lastIndexOf('/'))}`)
    const condition = { 'If-None-Match': c.req.header('If-None-Match') ?? '' }
    const found = await c.get('services').assets?.fetch(`http://assets/${file}`, { headers: condition })
    if (found?.status !== 200 && found?.status !== 304) throw new ApiError('not_found')
    const etag = found.headers.get('ETag')
    const type = TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8'
    return c.newResponse(found.body, found.status, { ...headers, 'Content-Type': type, ...(etag && { ETag: etag }) })
  })
}
