/** The service for the verifiers: on bare workerd over an embedded database, its key set over HTTPS too. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { startLocalDatabase } from '../local/local-database.ts'
import { buildApp } from '../test/support/process/app.ts'
import { createAuthority } from '../test/support/process/certificates.ts'
import { describeService, startContainer } from '../test/support/process/container.ts'
import { startGateway } from '../test/support/process/gateway.ts'
import { leash } from '../test/support/process/leash.ts'
import { logInPerson } from '../test/support/process/people.ts'
import type { Configuration } from './configurations.ts'
import type { Stand } from './trial.ts'

const claimsSchema = z.object({ sub: z.string(), gen: z.number() })

/** Where the service runs for the verifiers. */
export type Place = Awaited<ReturnType<typeof prepare>>

/** Starts what all configurations share; `withService` runs something beside the service in one of them. */
export async function prepare() {
  const [database, app, authority] = await Promise.all([startLocalDatabase(), buildApp(), createAuthority()])
  const certificate = await authority.issue('localhost')
  const backend = await startBackend()
  return {
    async withService<Result>(configuration: Configuration, use: (stand: Stand) => Promise<Result>): Promise<Result> {
      const service = await startContainer(app, describeService(database.url, configuration.settings))
      const guard = leash(service.process.pid)
      const gateway = await startGateway(new URL(`http://127.0.0.1:${service.port}`), '', certificate)
      try {
        const { token } = await logInPerson(service)
        const claims = claimsSchema.parse(decodeJwt(token))
        const { url } = gateway
        return await use({ configuration, token, claims, service: url, authority: authority.ca, backend: backend.port })
      } finally {
        gateway.close()
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

/** Answers as the service behind a proxy that verifies: it trusts the headers that the proxy has set. */
const answerAsBackend: RequestListener = ({ headers: { sub, gen } }, outgoing) => {
  outgoing.end(`${sub} ${gen}`)
}

async function startBackend() {
  const server = createServer(answerAsBackend).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, close: () => server.close().closeAllConnections() }
}
