/**
 * Finds the endpoint for a connection string: Neon's proxy, the stand-in on this machine, or the proxy of the settings.
 */

const NEON_HOST = /(^|\.)neon\.(tech|build)$/
/** The names and addresses of this machine, as the URL parser writes them. */
const LOOPBACK =
  /^(localhost|[\w-]+\.localhost|127(\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]+\]|0\.0\.0\.0|\[::\])\.?$/
/** The names by which a container reaches the machine that it runs on. */
const HOST_OF_CONTAINER = /^host\.(docker|containers)\.internal$/
const DEFAULT_PORT = '5432'

/** The address of a store. */
export interface DatabaseAddress {
  url: string
  /** The URL that statements are posted to. */
  endpoint: string
}

/** Says whether a host is this machine, in any spelling. */
export function isLoopback(host: string): boolean {
  const hostname = URL.parse(`http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}`)?.hostname
  return hostname !== undefined && LOOPBACK.test(hostname)
}

/**
 * Finds the endpoint for a connection string.
 * @param proxyUrl the proxy of a database that is not Neon's, where there is one
 * @returns the address, or a fault to be read after the setting's name; a fault repeats the host at most
 */
export function locateDatabase(url: string, proxyUrl: string | undefined): DatabaseAddress | { fault: string } {
  const { username, pathname, port } = URL.parse(url) ?? {}
  const [, rest] = /^postgres(?:ql)?:(\/\/.*)$/is.exec(url) ?? []
  // Read as an http URL, because the parser normalises the hosts of no other scheme.
  const hostname = rest === undefined ? undefined : URL.parse(`http:${rest}`)?.hostname
  if (!hostname || !username || !pathname || pathname === '/') {
    return { fault: 'must read postgres://user:password@host/database' }
  }
  const endpoint = proxyUrl ?? findEndpoint(hostname, port || DEFAULT_PORT)
  if (endpoint) return { url, endpoint }
  return {
    fault: `names ${hostname}, which is neither Neon's nor this machine: nothing is sent there. Hosts of Neon end in neon.tech; for another database NEON_PROXY_URL says where its proxy for SQL over HTTP is`,
  }
}

function findEndpoint(hostname: string, port: string): string | null {
  if (isLoopback(hostname) || HOST_OF_CONTAINER.test(hostname)) return `http://${hostname}:${port}/sql`
  return NEON_HOST.test(hostname) ? `https://${hostname.replace(/^[^.]+\./, 'api.')}/sql` : null
}
