/** A Worker of the shop that trusts the user service's tokens in each of the ways that docs/tokens.md shows. */
import { verifyByYourself } from './by-yourself.ts'
import { setClock } from './clock.ts'
import { type ShopEnv, verifyOverBinding } from './over-binding.ts'
import { verifyOverHttp } from './over-http.ts'

interface OrderEnv extends ShopEnv {
  USERS_URL: string
}

export default {
  async fetch(request, env) {
    setClock(Number(request.headers.get('X-Seconds-Ahead') ?? 0))
    const token = request.headers.get('Authorization')?.replace('Bearer ', '') ?? ''
    const binding = await verifyOverBinding(token, env)
    return Response.json({
      http: await verifyOverHttp(token, env).catch(({ message }) => message),
      binding,
      jwks: await verifyByYourself(token, env).catch(({ code }) => code),
      user: await env.USERS.getUser(binding),
    })
  },
} satisfies ExportedHandler<OrderEnv>
