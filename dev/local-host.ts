/** Which hosts are this machine: where demo users and Studio may be. */

/** Whether a host, as the Worker understands it, is this machine. */
export function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/.test(host)
}
