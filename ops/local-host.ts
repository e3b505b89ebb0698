/** Tells whether a host is this machine: demo users and Studio are for it alone, and connections to it need no TLS. */
import { isLoopback } from '../src/settings/database.ts'

/** Whether a host is this machine, in any spelling. A path names a Unix socket, so it is. */
export function isLocalHost(host: string): boolean {
  return host.startsWith('/') || isLoopback(host)
}
