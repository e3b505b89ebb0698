/**
 * The shape of every response body. The OpenAPI document is made from these schemas; the Worker imports only their
 * types.
 */
import * as z from 'zod/mini'

/** A user as anyone may see it. */
export const user = z.object({
  username: z.string(),
  email: z.string(),
  firstname: z.string(),
  lastname: z.string(),
  id: z.string(),
})
export type User = z.infer<typeof user>

/** `GET /users`. In a page, `next` is the `after` of the following page, or null in the last. */
export const usersResponse = z.object({ data: z.array(user), next: z.exactOptional(z.nullable(z.string())) })
export type UsersResponse = z.infer<typeof usersResponse>

/** `GET /users/:id` and `PATCH /users/:id` */
export const userResponse = z.object({ data: user, status: z.literal(200) })
export type UserResponse = z.infer<typeof userResponse>

/** `POST /register` */
export const registerResponse = z.object({
  message: z.literal('User created successfully!'),
  resourceId: z.string(),
  status: z.literal(201),
})
export type RegisterResponse = z.infer<typeof registerResponse>

/** `POST /login`, `POST /refresh-token`, `PUT /users/:id/password` and `PUT /password-reset` */
export const tokensResponse = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  status: z.literal(200),
})
export type TokensResponse = z.infer<typeof tokensResponse>

/** `POST /verify-token` */
export const verifyTokenResponse = says('Token Valid. User Authorized')
export type VerifyTokenResponse = z.infer<typeof verifyTokenResponse>

/** `POST /logout` and `POST /users/:id/logout` */
export const logoutResponse = says('Logged out')
export type LogoutResponse = z.infer<typeof logoutResponse>

/** `DELETE /users/:id` */
export const deleteUserResponse = says('User deleted')
export type DeleteUserResponse = z.infer<typeof deleteUserResponse>

/** `POST /password-reset` */
export const askResetResponse = accepts('If an account has this address, a message is on its way')
export type AskResetResponse = z.infer<typeof askResetResponse>

/** `POST /users/:id/email-verification` */
export const askVerificationResponse = accepts('Unless the address is verified already, a message is on its way')
export type AskVerificationResponse = z.infer<typeof askVerificationResponse>

/** `PUT /email-verification` */
export const verifyEmailResponse = says('Email verified')
export type VerifyEmailResponse = z.infer<typeof verifyEmailResponse>

/** `GET /health` and `GET /health/ready` */
export const healthResponse = says('OK')
export type HealthResponse = z.infer<typeof healthResponse>

/** `GET /.well-known/jwks.json`: a JWK Set (RFC 7517). */
export const jwksResponse = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      kid: z.string(),
      use: z.literal('sig'),
      alg: z.string(),
      crv: z.string(),
      x: z.string(),
      y: z.exactOptional(z.string()),
    }),
  ),
})
export type JwksResponse = z.infer<typeof jwksResponse>

/** `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server` (RFC 8414). */
export const discoveryResponse = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  subject_types_supported: z.array(z.string()),
  id_token_signing_alg_values_supported: z.array(z.string()),
})
export type DiscoveryResponse = z.infer<typeof discoveryResponse>

/** Every refusal; `errors` names the fields at fault. */
export const errorResponse = z.object({
  message: z.string(),
  status: z.int().check(z.gte(400), z.lte(599)),
  errors: z.exactOptional(z.array(z.object({ field: z.string(), message: z.string() }))),
})
export type ErrorResponse = z.infer<typeof errorResponse>

function says<const Message extends string>(message: Message) {
  return z.object({ message: z.literal(message), status: z.literal(200) })
}

/** The answer to a call whose work goes on after it. */
function accepts<const Message extends string>(message: Message) {
  return z.object({ message: z.literal(message), status: z.literal(202) })
}
