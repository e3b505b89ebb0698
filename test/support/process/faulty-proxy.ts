/** Stands between the driver and the local database, and fails as networks and proxies do. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A fault of one statement. */
export type Fault = keyof typeof faults

/** The ways to fail. Those that forward first have run the statement. */
const faults = {
  'reset before the statement': async (request: IncomingMessage) => void request.socket.destroy(),
  'reset after the statement': async (request: IncomingMessage, _: ServerResponse, forward: Forward) => {
    await forward()
    request.socket.destroy()
  },
  'half an answer': async (request: IncomingMessage, response: ServerResponse, forward: Forward) => {
    const { body } = await forward()
    response.writeHead(200, { 'Content-Length': body.length }).write(body.subarray(0, body.length / 2))
    setTimeout(() => request.socket.destroy(), 20)
  },
  'no answer at all': async () => {},
  'an answer that stalls': async (_: IncomingMessage, response: ServerResponse, forward: Forward) => {
    const { body } = await forward()
    response.writeHead(200, { 'Content-Length': body.length }).write(body.subarray(0, body.length / 2))
  },
  'status 429': answer(429, '{"message":"busy"}'),
  'status 500': answer(500, '{"message":"broken"}'),
  'status 502': answer(502, 'Bad Gateway'),
  'status 503': answer(503, ''),
  'a page in place of JSON': answer(200, '<html></html>'),
  'malformed JSON': answer(200, '{"rows":[[1,'),
  'a redirect': async (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(307, { Location: 'http://localhost:9/sql' }).end(),
}

type Forward = () => Promise<{ status: number; body: Buffer }>

/** Every way to fail. */
export const everyFault = Object.keys(faults) as Fault[]

/**
 * Starts the proxy before a local database.
 * @param choose returns the fault of each statement, or null to let it through
 */
export async function startFaultyProxy(databaseUrl: string, choose: () => Fault | null | Promise<Fault | null>) {
  const target = new URL(databaseUrl)
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const forward = async () => {
      const headers = Object.entries(request.headers).filter(([name]) => name.startsWith('neon-'))
      const answered = await fetch(`http://${target.host}/sql`, {
        method: 'POST',
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
        body,
      })
      return { status: answered.status, body: Buffer.from(await answered.arrayBuffer()) }
    }
    const fault = await choose()
    if (fault) return faults[fault](request, response, forward)
    const answered = await forward()
    return void response.writeHead(answered.status, { 'Content-Type': 'application/json' }).end(answered.body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer(status: number, body: string) {
  return async (_: IncomingMessage, response: ServerResponse) => void response.writeHead(status).end(body)
}
