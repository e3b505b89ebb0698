/** Makes certificates for a test, with openssl. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The files of a certificate and its key. */
export interface Certificate {
  cert: string
  key: string
}

/** Makes certificates, each for a name, that an authority of their own has signed; `ca` is the file of its own. */
export async function createAuthority() {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-certificates-'))
  const make = async (name: string, ...more: string[]): Promise<Certificate> => {
    const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ]
    await promisify(execFile)('openssl', [...request, '-subj', `/CN=${name}`, '-out', cert, '-keyout', key, ...more])
    return { cert, key }
  }
  const root = await make('authority')
  return {
    ca: root.cert,
    issue: (name: string) => {
      const subject = `subjectAltName=${isIP(name) ? 'IP' : 'DNS'}:${name}`
      return make(name, '-CA', root.cert, '-CAkey', root.key, '-addext', subject)
    },
    remove: () => rm(folder, { recursive: true }),
  }
}
