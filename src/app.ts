/** The map of the service: the middleware that every request passes, in order, and every route. */
import type { Context } from 'hono'
import type { ApplyGlobalResponse } from 'hono/client'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { type AppEnv, createRouter } from './context.ts'
import { ApiError, type RefusalStatus, toApiError } from './errors.ts'
import { answerOptions, apiHeaders, crossOrigin, noStore } from './middleware/headers.ts'
import { requestLog } from './middleware/request-log.ts'
import { docs } from './routes/docs.ts'
import { verifyEmail } from './routes/email-verification.ts'
import { health, ready } from './routes/health.ts'
import { login } from './routes/login.ts'
import { logout } from './routes/logout.ts'
import { passwordReset } from './routes/password-reset.ts'
import { refreshToken } from './routes/refresh-token.ts'
import { register } from './routes/register.ts'
import { deleteUser } from './routes/users/delete.ts'
import { askVerification } from './routes/users/email-verification.ts'
import { getUser } from './routes/users/get.ts'
import { listUsers } from './routes/users/list.ts'
import { logoutEverywhere } from './routes/users/logout.ts'
import { changePassword } from './routes/users/password.ts'
import { updateUser } from './routes/users/update.ts'
import { verifyToken } from './routes/verify-token.ts'
import { discovery } from './routes/well-known/discovery.ts'
import { jwks } from './routes/well-known/jwks.ts'
import type { ErrorResponse } from './schemas/responses.ts'
import { prepareServices } from './services.ts'

export const app = createRouter()

app.use(requestId({ limitLength: 64 }))
app.use(requestLog)
app.use(apiHeaders)
app.use(noStore)
app.use(crossOrigin)
app.use(methodNotAllowed({ app, onMethodNotAllowed: answerOtherMethod }))

const routes = app
  // Answers whatever the settings say. Every route below it needs the services that are made from them.
  .route('/', health)
  .use(async (c, next) => {
    c.set('services', await prepareServices(c.env))
    await next()
  })
  .route('/', ready)
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
  .route('/', passwordReset)
  .route('/', askVerification)
  .route('/', verifyEmail)
  .route('/', jwks)
  .route('/', discovery)
  .route('/', docs)

app.notFound((c) => answerError(new ApiError('not_found'), c))
app.onError(answerError)

/** The routes with their bodies and responses, for Hono's typed client; any of them may be refused. */
export type AppType = ApplyGlobalResponse<typeof routes, Record<RefusalStatus, { json: ErrorResponse }>>

function answerError(error: Error, c: Context<AppEnv>): Response {
  const { message, status, fields, headers } = toApiError(error)
  return c.json(fields ? { message, status, errors: fields } : { message, status }, status, headers)
}

/**
 * Answers a method that a known path does not have: `OPTIONS` with `Allow`, any other with 405 and `Allow` (RFC 9110).
 */
function answerOtherMethod(c: Context<AppEnv>, methods: string[]): Response | Promise<Response> {
  const allow = [...methods, 'OPTIONS'].join(', ')
  if (c.req.method === 'OPTIONS') return answerOptions(c, allow)
  return answerError(new ApiError('method_not_allowed', { headers: { Allow: allow } }), c)
}
