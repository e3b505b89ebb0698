/** Which hosts are this machine: where demo users and Studio may be, and where a connection needs no TLS. */

/** Whether a host, as the Worker and `pg` understand it, is this machine; a path is that of a Unix socket. */
export function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\/.*)$/i.test(host)
}
