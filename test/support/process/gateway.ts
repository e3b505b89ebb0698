/** Runs a reverse proxy like the one that a shop puts before its services. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A running proxy: the address at which the service is, without a slash behind it. */
export interface Gateway {
  url: string
  close(): void
}

/**
 * Serves the service at `upstream` under a path, and nothing beside it.
 * @param path as `/users-service`; empty for the whole host
 */
export async function startGateway(upstream: URL, path: string): Promise<Gateway> {
  const server = createServer((incoming, outgoing) => {
    const { url = '', method, headers } = incoming
    if (!url.startsWith(`${path}/`)) {
      outgoing.writeHead(404).end()
      return
    }
    const forwarded = request(new URL(url.slice(path.length), upstream), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    // Browsers take every name under localhost for this machine, and trust it as they do https.
    url: `http://shop.localhost:${port}${path}`,
    close: () => server.close().closeAllConnections(),
  }
}
