/** Which hosts are this machine: where demo users and Studio may be, and where a connection needs no TLS. */
import { isLoopback } from '../src/settings/database.ts'

/** Whether a host, in whatever spelling, is this machine; a path is that of a Unix socket. */
export function isLocalHost(host: string): boolean {
  return host.startsWith('/') || isLoopback(host)
}
