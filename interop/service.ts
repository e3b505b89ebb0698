/** The service for the verifiers: on bare workerd over an embedded database, its key set over HTTPS too. */
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { startLocalDatabase } from '../local/local-database.ts'
import { buildApp } from '../test/support/process/app.ts'
import { createAuthority } from '../test/support/process/certificates.ts'
import { describeService, startContainer } from '../test/support/process/container.ts'
import { leash } from '../test/support/process/leash.ts'
import { newPerson } from '../test/support/process/people.ts'
import type { Configuration } from './configurations.ts'
import type { Stand } from './trial.ts'

const login = z.object({ access_token: z.string() })
const claimsSchema = z.object({ sub: z.string(), gen: z.number() })

/** Starts what all configurations share; `withService` runs something beside the service in one of them. */
export async function prepare() {
  const [database, app, authority] = await Promise.all([startLocalDatabase(), buildApp(), createAuthority()])
  const certificate = await authority.issue('localhost')
  const backend = await listen(createHttpServer(answerAsBackend))
  return {
    async withService<Result>(configuration: Configuration, use: (stand: Stand) => Promise<Result>): Promise<Result> {
      const service = await startContainer(app, describeService(database.url, configuration.settings))
      const guard = leash(service.process.pid)
      const [cert, key] = await Promise.all([readFile(certificate.cert), readFile(certificate.key)])
      const proxy = await listen(createHttpsServer({ cert, key }, proxyTo(service.port)))
      try {
        const person = newPerson()
        await service.post('/register', person)
        const { access_token: token } = login.parse((await service.post('/login', person)).json)
        const claims = claimsSchema.parse(decodeJwt(token))
        const url = `https://localhost:${proxy.port}`
        return await use({ configuration, token, claims, service: url, authority: authority.ca, backend: backend.port })
      } finally {
        proxy.close()
        service.process.kill('SIGKILL')
        await service.exited
        guard.kill('SIGKILL')
      }
    },
    async close() {
      backend.close()
      await Promise.all([database.close(), rm(app, { recursive: true }), authority.remove()])
    },
  }
}

/** Hands GET requests on to a port of this machine. */
function proxyTo(port: number): RequestListener {
  return async ({ url }, outgoing) => {
    const answer = await fetch(`http://127.0.0.1:${port}${url}`)
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  }
}

/** Answers as the service behind a proxy that verifies: it trusts the headers that the proxy has set. */
const answerAsBackend: RequestListener = ({ headers: { sub, gen } }, outgoing) => {
  outgoing.end(`${sub} ${gen}`)
}

async function listen(server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const close = () => server.close().closeAllConnections()
  return { port, close }
}
