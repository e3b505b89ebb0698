/** Runs a reverse proxy like the one that a shop puts before its services. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificates.ts'

/** A running proxy: the address at which the service is, without a slash behind it. */
export interface Gateway {
  url: string
  close(): void
}

/**
 * Serves the service at `upstream` under a path, and nothing beside it.
 * @param upstream read anew for each request, so that it may change
 * @param path as `/users-service`; empty for the whole host
 * @param certificate for `localhost`, to speak TLS
 */
export async function startGateway(upstream: URL, path: string, certificate?: Certificate): Promise<Gateway> {
  const forward: RequestListener = (incoming, outgoing) => {
    const { url = '', method, headers } = incoming
    if (!url.startsWith(`${path}/`)) {
      outgoing.writeHead(404).end()
      return
    }
    const forwarded = request(new URL(url.slice(path.length), upstream), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(forwarded)
  }
  const server = certificate
    ? createTlsServer({ cert: await readFile(certificate.cert), key: await readFile(certificate.key) }, forward)
    : createServer(forward)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    // Browsers take every name under localhost for this machine, and trust it as they do https.
    url: certificate ? `https://localhost:${port}${path}` : `http://shop.localhost:${port}${path}`,
    close: () => server.close().closeAllConnections(),
  }
}
