/** The baseline of a login: as many iterations of PBKDF2, in the largest calls that Workers allow, and an answer. */

const ITERATIONS = 600_000
const MAX_CALL_ITERATIONS = 100_000
const HASH_BYTES = 32

export default {
  async fetch(request) {
    const { password } = await request.json<{ password: string }>()
    const salt = crypto.getRandomValues(new Uint8Array(16))
    const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: MAX_CALL_ITERATIONS }
    let secret: BufferSource = new TextEncoder().encode(password)
    for (let left = ITERATIONS; left > 0; left -= MAX_CALL_ITERATIONS) {
      const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits'])
      secret = await crypto.subtle.deriveBits(parameters, key, HASH_BYTES * 8)
    }
    return Response.json({ status: 200 })
  },
} satisfies ExportedHandler
