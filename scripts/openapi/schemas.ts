/** Names the bodies, and describes their fields beside the rules that the schemas themselves state. */
import * as z from 'zod/mini'
import * as requests from '../../src/schemas/requests.ts'
import * as responses from '../../src/schemas/responses.ts'

const username = 'Letters, digits, dots, underscores and hyphens. Kept as typed; letters count the same in either case.'
const email = 'Kept as typed; letters count the same in either case.'
const newPassword =
  'Any characters but NUL. Spaces count, and nothing is trimmed. The 3,000 most used passwords, the username and the email are refused.'
const currentPassword = 'The current password.'
const proof = 'From the link in a message. It works once, for 15 minutes unless configured otherwise.'
const message = 'Each reason has one message, which never changes.'
const status = 'The HTTP status.'

/** Registers names and descriptions with zod, for the document that is made from its schemas. */
export function describeSchemas(): void {
  describe(requests.registerRequest, 'RegisterRequest', { username, email, password: newPassword })
  describe(requests.loginRequest, 'LoginRequest', { username: 'The username or the email, in any case of letters.' })
  describe(requests.refreshTokenRequest, 'RefreshTokenRequest', { refresh_token: 'From a login or a refresh.' })
  describe(requests.verifyTokenRequest, 'VerifyTokenRequest', { access_token: 'From a login or a refresh.' })
  describe(requests.updateUserRequest, 'UpdateUserRequest', {
    email: `${email} A new email needs the current password too.`,
    current_password: `${currentPassword} Needed to change the email.`,
  })
  describe(requests.updatePasswordRequest, 'UpdatePasswordRequest', {
    current_password: currentPassword,
    new_password: newPassword,
  })
  describe(requests.askResetRequest, 'AskResetRequest', { email: 'In any case of letters.' })
  describe(requests.resetPasswordRequest, 'ResetPasswordRequest', { token: proof, new_password: newPassword })
  describe(requests.verifyEmailRequest, 'VerifyEmailRequest', { token: proof })
  describe(requests.deleteUserRequest, 'DeleteUserRequest', { password: currentPassword })

  describe(responses.user, 'User', {
    id: '24 hex characters that sort by creation time. Imported users keep their ids.',
  })
  describe(responses.usersResponse, 'UsersResponse', {
    next: 'Only in a page: the `after` of the next page, or null in the last one.',
  })
  describe(responses.userResponse, 'UserResponse', { status })
  describe(responses.registerResponse, 'RegisterResponse', { resourceId: 'The id of the new user.', status })
  describe(responses.tokensResponse, 'TokensResponse', {
    access_token: 'A JWT for the services of the shop: 5 minutes, unless configured otherwise.',
    refresh_token: 'A JWT for new access tokens: 15 minutes, unless configured otherwise.',
    status,
  })
  describe(responses.verifyTokenResponse, 'VerifyTokenResponse', { status })
  describe(responses.logoutResponse, 'LogoutResponse', { status })
  describe(responses.deleteUserResponse, 'DeleteUserResponse', { status })
  describe(responses.askResetResponse, 'AskResetResponse', { status })
  describe(responses.askVerificationResponse, 'AskVerificationResponse', { status })
  describe(responses.verifyEmailResponse, 'VerifyEmailResponse', { status })
  describe(responses.healthResponse, 'HealthResponse', { status })
  describe(responses.jwksResponse, 'JwksResponse', {
    keys: 'Empty while access tokens are signed with a shared secret.',
  })
  describe(responses.discoveryResponse, 'DiscoveryResponse', {
    issuer: 'The `iss` claim of every token.',
    response_types_supported: 'Empty: there is no flow of OAuth here.',
    id_token_signing_alg_values_supported: 'Those of access tokens. No ID tokens are issued.',
  })
  describe(responses.errorResponse, 'ErrorResponse', {
    message,
    status,
    errors: 'With `Validation failed` only: one entry for each field at fault.',
  })
}

/** Adds descriptions to what a schema already says of itself. */
function describe<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodMiniObject<Shape>,
  id: string,
  fields: Partial<Record<keyof Shape, string>>,
): void {
  z.globalRegistry.add(schema, { id })
  for (const [name, description] of Object.entries(fields)) {
    const field = schema.shape[name as keyof Shape]
    z.globalRegistry.add(field, { ...z.globalRegistry.get(field), description })
  }
}
