/** Answers the range call of Have I Been Pwned, with padding, or fails as services and networks do. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { breaches } from '../breaches.ts'

const known = Object.entries(breaches).map(
  ([password, count]) => `${createHash('sha1').update(password).digest('hex').toUpperCase()}:${count}`,
)

/** The ways to answer a call, by the first part of its path: `/range/ABCDE`. */
const behaviours: Record<string, (response: ServerResponse, lines: string[], request: IncomingMessage) => void> = {
  range: (response, lines) => response.end(lines.join('\r\n')),
  // Mirrors of files do so.
  'lower-case': (response, lines) => response.end(`${lines.join('\n').toLowerCase()}\n`),
  'status-429': (response) => response.writeHead(429, { 'Retry-After': '2' }).end('slow down'),
  'status-503': (response, lines) => response.writeHead(503).end(lines.join('\r\n')),
  redirect: (response, _, { url = '' }) =>
    response.writeHead(302, { Location: url.replace('/redirect/', '/range/') }).end(),
  page: (response) => response.end('<html><body>Log in to this network</body></html>'),
  nothing: (response) => response.end(),
  'page-behind-lines': (response, lines) => response.end(`${lines.join('\r\n')}\r\n<!-- served by a proxy -->`),
  'cut-line': (response, lines) => response.end(lines.join('\r\n').slice(0, -20)),
  'broken-off': (response, lines) => {
    response.writeHead(200, { 'Content-Length': 100_000 }).write(lines.join('\r\n'), () => response.destroy())
  },
  reset: (response) => response.destroy(),
  silence: () => {},
  stall: (response, lines) => response.write(`${lines.join('\r\n')}\r\n`),
  endless: (response, lines) => {
    const text = `${lines.join('\r\n')}\r\n`
    const write = () => {
      while (response.write(text));
    }
    response.on('drain', write)
    write()
  },
}

/** A running service. */
export interface RangeService {
  /** Its address. A path behind it chooses how it behaves; `/range` is as it should. */
  url: string
  /** All that it was sent. */
  requests: (Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { body: string })[]
  close(): void
}

/** Starts it. */
export async function startRangeService(): Promise<RangeService> {
  const requests: RangeService['requests'] = []
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request
    requests.push({ method, url, headers, body: await text(request) })
    const [, behaviour = '', prefix = ''] = url?.split('/') ?? []
    // The real one does the same.
    if (!headers['user-agent']) return response.writeHead(403).end()
    if (method !== 'GET' || !/^[\dA-F]{5}$/.test(prefix)) return response.writeHead(400).end()
    const found = known.filter((digest) => digest.startsWith(prefix)).map((digest) => digest.slice(prefix.length))
    const lines = [...found, ...(headers['add-padding'] === 'true' ? makePadding() : [])].sort()
    return behaviours[behaviour]?.(response, lines, request) ?? response
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function makePadding(): string[] {
  return Array.from({ length: 900 }, () => `${randomBytes(18).toString('hex').slice(1).toUpperCase()}:0`)
}
