/** The map of the service: what every request passes through, and every route. */
import type { Context } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { createRouter } from './context.ts'
import { ApiError, toResponse } from './errors.ts'
import { allowCrossOrigin } from './middleware/cors.ts'
import { login } from './routes/login.ts'
import { refreshToken } from './routes/refresh-token.ts'
import { register } from './routes/register.ts'
import { getUser } from './routes/users/get.ts'
import { listUsers } from './routes/users/list.ts'
import { verifyToken } from './routes/verify-token.ts'

export const app = createRouter()

app.use(allowCrossOrigin)
app.use(methodNotAllowed({ app, onMethodNotAllowed: answerOtherMethod }))

const routes = app
  .route('/', listUsers)
  .route('/', getUser)
  .route('/', register)
  .route('/', login)
  .route('/', refreshToken)
  .route('/', verifyToken)

app.notFound(() => toResponse(new ApiError('not_found')))
app.onError(toResponse)

/** The routes with their bodies and responses, for Hono's typed client. */
export type AppType = typeof routes

/** A known path: `OPTIONS` learns its methods, any other method is refused with them. */
function answerOtherMethod(c: Context, methods: string[]): Response {
  const headers = { Allow: [...methods, 'OPTIONS'].join(', ') }
  return c.req.method === 'OPTIONS'
    ? new Response(null, { status: 204, headers })
    : toResponse(new ApiError('method_not_allowed', { headers }))
}
