/** A server that pretends to be the database: it asks for a password, and keeps everything that it is sent. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

const SSL_REQUEST = 80_877_103
const askForPassword = Buffer.from([...Buffer.from('R'), 0, 0, 0, 8, 0, 0, 0, 3])

/** Starts an impostor, with a certificate or without TLS. */
export async function startImpostor(certificate: Certificate | null) {
  const secure = certificate && { cert: await readFile(certificate.cert), key: await readFile(certificate.key) }
  let heard = ''
  const listen = (socket: Socket) => {
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        if (chunk.readInt32BE(4) === SSL_REQUEST) {
          socket.removeAllListeners('data').write(secure ? 'S' : 'N')
          listen(secure ? new TLSSocket(socket, { isServer: true, ...secure }) : socket)
          return
        }
        heard += chunk.toString('latin1')
        if (chunk[0] === 0) socket.write(askForPassword)
        else socket.destroy()
      })
  }
  const server = createServer(listen)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    /** Returns everything that it was sent, except what TLS itself needs. */
    heard: () => heard,
    close: () => server.close(),
  }
}
