/** The load generator of the benchmark: a run that lost a request must not count. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { applyLoad, FailedLoad, type Load } from '../../bench/load.ts'

/** Starts a server and puts it under load. It calls `answer` with the number of each request. */
async function load(
  traffic: Partial<Load>,
  answer: (count: number, request: IncomingMessage, response: ServerResponse) => void,
) {
  let count = 0
  const server = createServer((request, response) => answer(++count, request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const workerd = { url, readCpuMs: async () => null, readMemory: async () => null, stop: async () => {} }
  try {
    return await applyLoad(workerd, { connections: 4, traffic: [{ path: '/' }], seconds: 1, ...traffic })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const ok = (response: ServerResponse) => void response.end('{}')

const kinds = [
  { what: 'for a time', traffic: {} },
  { what: 'for a number of requests', traffic: { requests: 100 } },
  { what: 'of conversations', traffic: { requests: 100, traffic: () => ({ next: () => ({ path: '/', body: {} }) }) } },
]

test.each(kinds)('succeeds where every request is answered, $what', async ({ traffic }) => {
  expect(await load(traffic, (_, __, response) => ok(response))).toMatchObject({
    rate: expect.any(Number),
    cpuMs: null,
  })
})

test.each(kinds)('fails where one connection is closed in place of an answer, $what', async ({ traffic }) => {
  const run = load(traffic, (count, request, response) => (count === 50 ? void request.socket.end() : ok(response)))
  const failure = await run.catch((error) => error)
  expect(failure).toBeInstanceOf(FailedLoad)
  expect(failure.message).toContain('requests without an answer: 1')
})

test.each(kinds)('fails where half an answer comes, $what', async ({ traffic }) => {
  const run = load(traffic, (count, request, response) => {
    if (count !== 50) return ok(response)
    response.writeHead(200, { 'Content-Length': 100 }).write('{')
    request.socket.end()
  })
  await expect(run).rejects.toThrow(/requests without an answer: [1-9]/)
})

test('fails where an answer is a refusal', async () => {
  const run = load({ requests: 100 }, (count, _, response) => ok(count === 50 ? response.writeHead(503) : response))
  await expect(run).rejects.toThrow('99 × 200, 1 × 503')
})
