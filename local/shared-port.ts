/**
 * One loopback port for two protocols, told apart by a connection's first byte, so that one URL serves the Worker's
 * statements (HTTP) as well as psql and drizzle-kit (PostgreSQL's own protocol).
 */
import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** Listens on loopback. Port 0 takes a free port. Closing cuts the open connections. */
export async function listenOnSharedPort(
  port: number,
  http: HttpServer,
  servePostgres: (client: Socket) => void,
): Promise<{ port: number; close(): void }> {
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client.on('close', () => clients.delete(client)).on('error', () => {}))
    client.once('data', (chunk) => route(client, chunk))
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const client of clients) client.destroy()
    },
  }

  function route(client: Socket, chunk: Buffer): void {
    client.pause()
    client.unshift(chunk)
    // PostgreSQL's first message begins with its length, HTTP with a letter.
    if (chunk[0] === 0) {
      servePostgres(client)
    } else {
      http.emit('connection', client)
      client.resume()
    }
  }
}
