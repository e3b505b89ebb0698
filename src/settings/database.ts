/** Where the store of a connection string is reached: at Neon's proxy, at a stand-in on this machine, or at a proxy of one's own. */

const NEON_HOST = /(^|\.)neon\.(tech|build)$/
/** This machine, as the URL parser writes it. */
const LOOPBACK =
  /^(localhost|[\w-]+\.localhost|127(\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]+\]|0\.0\.0\.0|\[::\])\.?$/
/** What containers call the machine that they run on. */
const HOST_OF_CONTAINER = /^host\.(docker|containers)\.internal$/
const DEFAULT_PORT = '5432'

/** A store, as its client needs it. */
export interface DatabaseAddress {
  url: string
  /** Where statements are sent, `POST /sql`. */
  endpoint: string
}

/** Whether a host, in whatever spelling, is this machine. */
export function isLoopback(host: string): boolean {
  const hostname = URL.parse(`http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}`)?.hostname
  return hostname !== undefined && LOOPBACK.test(hostname)
}

/**
 * Finds where the store of a connection string is reached.
 * @param proxyUrl the proxy of a database that is not Neon's, where there is one
 * @returns its address, or what is wrong with the connection string, in words that name the host at most
 */
export function locateDatabase(url: string, proxyUrl: string | undefined): DatabaseAddress | { fault: string } {
  const { username, pathname, port } = URL.parse(url) ?? {}
  const [, rest] = /^postgres(?:ql)?:(\/\/.*)$/is.exec(url) ?? []
  // As an http URL, for the parser normalises the host of those alone.
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
