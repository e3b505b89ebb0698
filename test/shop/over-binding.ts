import type { UserService } from 'acme-user-service'

/** The `Env` that `wrangler types` writes, where `USERS` is a `Service` without its calls. */
export interface ShopEnv extends Env {
  USERS: Service<UserService>
}

/** 2. Ask over a service binding: from Workers of the same account, without a request over the network. */
export async function verifyOverBinding(token: string, env: ShopEnv): Promise<string | null> {
  const claims = await env.USERS.verifyToken(token)
  return claims?.sub ?? null
}
