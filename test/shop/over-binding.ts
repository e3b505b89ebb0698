import type { UserService } from 'acme-user-service'

/** 2. Ask over a service binding: from Workers of the same account, without a request over the network. */
export async function verifyOverBinding(token: string, env: { USERS: Service<UserService> }): Promise<string | null> {
  const claims = await env.USERS.verifyToken(token)
  return claims?.sub ?? null
}
