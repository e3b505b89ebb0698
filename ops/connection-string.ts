/** Reads connection strings for every command. A password must never go to a server that somebody else may run. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import pg from 'pg'
import { isLocalHost } from './local-host.ts'
import { Refusal, resolveGiven } from './terminal.ts'

/** The paragraph about TLS in the help of each command. */
export const aboutTls = `A host other than this machine must speak TLS and show a certificate for its name, unless the string says
  sslmode=disable or sslmode=no-verify. sslrootcert=FILE names the certificate of its authority; sslrootcert=system adds
  the authorities that this machine trusts.`

/** The parameters about TLS. They are kept from `pg`, which reads them in its own way and prints warnings. */
const tlsParameters = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'uselibpqcompat']

/** The values of `sslmode`, or of `ssl` in its place, and what each asks for. With `undefined` the host decides. */
const modes = new Map([
  ...['disable', 'false', '0'].map((word) => [word, 'plain'] as const),
  ['no-verify', 'unverified'] as const,
  ...['', 'allow', 'prefer'].map((word) => [word, undefined] as const),
  ...['require', 'verify-ca', 'verify-full', 'true', '1'].map((word) => [word, 'verified'] as const),
])

/** Both are given, because `pg` would otherwise ask the environment. */
const plain = { ssl: false, sslnegotiation: 'postgres' } as const

/** A connection string that was read. Messages show `name`, the variable that it came from, and never its text. */
export interface ConnectionString {
  name: string
  text: string
  config: pg.ClientConfig
  host: string
  port: number
}

/**
 * Reads a connection string.
 * @throws {Refusal} it is not one, or asks for what cannot be done; the message never repeats it
 */
export function readConnectionString(name: string, given: string): ConnectionString {
  const text = given.trim()
  const [base = ''] = text.split('?', 1)
  const parameters = new URLSearchParams(text.slice(base.length))
  const [, hosts] = /^postgres(?:ql)?:\/\/(?:[^/#]*@)?([^/#]*)/.exec(base) ?? []
  if (hosts === undefined) throw malformed(name)
  if (`${hosts}${parameters.get('host')}`.includes(',')) {
    throw new Refusal(`${name} names several hosts: keep only the one that takes writes`)
  }
  const kept = new URLSearchParams([...parameters].filter(([parameter]) => !tlsParameters.includes(parameter)))
  const connectionString = kept.size > 0 ? `${base}?${kept}` : base
  const { host, port } = requireTarget(name, connectionString)
  return { name, text, host, port, config: { connectionString, ...readTls(name, host, parameters) } }
}

/** Asks `pg` where it would connect to, because a parameter may name another host than the URL does. */
function requireTarget(name: string, connectionString: string): { host: string; port: number } {
  try {
    const { host, port, database = '' } = new pg.Client({ connectionString, ...plain })
    // Otherwise the port or the database is the rest of a password with a slash in it.
    if (port > 0 && port < 65_536 && !/[@/]/.test(database)) return { host, port }
  } catch {
    // The error is dropped, because it may repeat the password.
  }
  throw malformed(name)
}

function malformed(name: string): Refusal {
  return new Refusal(
    `${name} must read postgres://user:password@host/database, with %40 for @, %2F for / and %23 for # in the password`,
  )
}

function readTls(name: string, host: string, parameters: URLSearchParams): pg.ClientConfig {
  const mode = readMode(name, host, parameters)
  if (mode === 'plain') return plain
  return {
    ssl: { rejectUnauthorized: mode === 'verified', ...readCertificates(name, parameters) },
    enableChannelBinding: parameters.get('channel_binding') === 'require',
    sslnegotiation: parameters.get('sslnegotiation') === 'direct' ? 'direct' : 'postgres',
  }
}

function readMode(name: string, host: string, parameters: URLSearchParams) {
  const word = parameters.get('sslmode') || parameters.get('ssl') || ''
  if (!modes.has(word)) {
    const known = 'disable, no-verify, prefer, require, verify-ca or verify-full'
    throw new Refusal(`${name} has an unknown sslmode: it must be ${known}`)
  }
  const asksForTls = ['sslrootcert', 'sslcert', 'sslnegotiation'].some((parameter) => parameters.has(parameter))
  return modes.get(word) ?? (isLocalHost(host) && !asksForTls ? 'plain' : 'verified')
}

function readCertificates(name: string, parameters: URLSearchParams): tls.SecureContextOptions {
  const read = (parameter: string) => readParameterFile(name, parameter, parameters.get(parameter))
  const [cert, key] = [read('sslcert'), read('sslkey')]
  const ca =
    parameters.get('sslrootcert') === 'system'
      ? [...tls.getCACertificates('default'), ...tls.getCACertificates('system')]
      : read('sslrootcert')
  try {
    // Node would take any other text for an empty list of authorities.
    if (typeof ca === 'string') new X509Certificate(ca)
    tls.createSecureContext({ cert, key })
  } catch {
    throw new Refusal(
      `${name} names a file in sslrootcert, sslcert or sslkey that is no certificate or key in PEM form`,
    )
  }
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

function readParameterFile(name: string, parameter: string, path: string | null): string | undefined {
  if (!path) return undefined
  const file = resolveGiven(path)
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Refusal(`${name} names a file in ${parameter} that cannot be read: ${file}`)
  }
}
