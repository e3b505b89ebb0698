/** The map of the service: what every request passes through, and every route. */
import type { Context } from 'hono'
import type { ApplyGlobalResponse } from 'hono/client'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { answerWith, refuse } from './answer.ts'
import { type AppEnv, createRouter } from './context.ts'
import { ApiError, type RefusalStatus } from './errors.ts'
import { prepare } from './middleware/prepare.ts'
import { observe } from './middleware/request-log.ts'
import { docs } from './routes/docs.ts'
import { health } from './routes/health.ts'
import { login } from './routes/login.ts'
import { logout } from './routes/logout.ts'
import { refreshToken } from './routes/refresh-token.ts'
import { register } from './routes/register.ts'
import { deleteUser } from './routes/users/delete.ts'
import { getUser } from './routes/users/get.ts'
import { listUsers } from './routes/users/list.ts'
import { logoutEverywhere } from './routes/users/logout.ts'
import { changePassword } from './routes/users/password.ts'
import { updateUser } from './routes/users/update.ts'
import { verifyToken } from './routes/verify-token.ts'
import { jwks } from './routes/well-known/jwks.ts'
import type { ErrorResponse } from './schemas/responses.ts'

export const app = createRouter()

app.use(observe)
app.use(prepare)

const routes = app
  .route('/', register)
  .route('/', login)
  .route('/', refreshToken)
  .route('/', verifyToken)
  .route('/', logout)
  .route('/', listUsers)
  .route('/', getUser)
  .route('/', updateUser)
  .route('/', changePassword)
  .route('/', logoutEverywhere)
  .route('/', deleteUser)
  .route('/', jwks)
  .route('/', health)
  .route('/', docs)

// Not a middleware, as which it would wait for every request and look at none but these.
const refuseMethod = methodNotAllowed({ app, onMethodNotAllowed: answerOtherMethod })
app.notFound(async (c) => {
  c.res = refuse(new ApiError('not_found'), c)
  await refuseMethod(c, async () => {})
  return c.res
})
app.onError(refuse)

/** The routes with their bodies and responses, for Hono's typed client; any of them may be refused. */
export type AppType = ApplyGlobalResponse<typeof routes, Record<RefusalStatus, { json: ErrorResponse }>>

/** A known path: `OPTIONS` learns its methods, any other method is refused with them. */
function answerOtherMethod(c: Context<AppEnv>, methods: string[]): Response {
  const headers = { Allow: [...methods, 'OPTIONS'].join(', ') }
  return c.req.method === 'OPTIONS'
    ? answerWith(c, null, 204, headers)
    : refuse(new ApiError('method_not_allowed', { headers }), c)
}
