/** Requests that declare the length of their body in odd ways, over HTTP, where the runtime reads them first. */
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Container, startContainer } from '../support/process/container.ts'
import { makeKeys } from '../support/process/service.ts'

const app = inject('app')
let worker: Container

beforeAll(async () => {
  worker = await startContainer(app, {
    DATABASE_URL: 'postgres://nobody:password@localhost:1/none',
    ...makeKeys(),
  })
  // Later calls do not wait for the isolate's start.
  await worker.get('/')
})

afterAll(() => worker.process.kill())

/**
 * Sends a head and chunks until the server takes no more; returns the status and how much was sent. It sends slowly, because
 * the server resets a connection with much unread data right after its answer, and then the client may lose the answer.
 */
function send(head: string[], chunks: number) {
  const chunk = `3e8\r\n${' '.repeat(1_000)}\r\n`
  let sent = 0
  let answer = ''
  const socket = connect(worker.port, '127.0.0.1')
  socket.write(
    ['POST /verify-token HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...head, '', ''].join('\r\n'),
  )
  const sending = setInterval(() => {
    if (sent >= chunks * 1_000) return
    socket.write(chunk)
    sent += 1_000
  }, 10)
  return new Promise<{ status: number; sent: number }>((resolve) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      answer += data
      socket.destroy()
    })
    socket.on('close', () => {
      clearInterval(sending)
      resolve({ status: Number(answer.split(' ')[1]), sent })
    })
  })
}

test.each([
  [['Transfer-Encoding: chunked']],
  [['Content-Length: 10', 'Transfer-Encoding: chunked']],
  [['Transfer-Encoding: chunked', 'Content-Length: 10']],
])('an endless body with %j is refused while it is being read [V4.2.1]', async (head) => {
  const { status, sent } = await send(head, Number.POSITIVE_INFINITY)
  expect(status).toBe(413)
  expect(sent).toBeLessThan(1_000_000)
})

test('a body with two lengths is refused [V4.2.1]', async () => {
  expect((await send(['Content-Length: 10', 'Content-Length: 20'], 0)).status).toBe(400)
})

test('a body is read only as far as the length that it declares [V4.2.1]', async () => {
  // The ten bytes that count are blanks, which are no JSON.
  expect((await send(['Content-Length: 10'], 1)).status).toBe(400)
})
