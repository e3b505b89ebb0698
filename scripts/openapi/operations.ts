/** Every operation of the service, by path and method. */
import * as z from 'zod/mini'
import * as requests from '../../src/schemas/requests.ts'
import * as responses from '../../src/schemas/responses.ts'
import type { Operation } from './operation.ts'

/** The groups of operations, in the order of the document. */
export const tags = {
  published: 'Published calls',
  account: "The owner's calls",
  mail: 'By mail',
  operation: 'Keys and health',
}

const walter = {
  username: 'walter',
  email: 'walter@acmefitness.com',
  firstname: 'Walter',
  lastname: 'White',
  id: '5c61ed848d891bd9e8016898',
}
const dwight = {
  username: 'dwight',
  email: 'dwight@acmefitness.com',
  firstname: 'Dwight',
  lastname: 'Schrute',
  id: '5c61ed848d891bd9e8016899',
}
const peter = {
  username: 'peterp',
  password: 'vmware1!',
  firstname: 'amazing',
  lastname: 'spiderman',
  email: 'peterp@acmefitness.com',
}

// Both were published with the original service, and have long expired.
const tokens = {
  access_token:
    'eyJhbGciOiJIUzI1NiIsImtpZCI6InNpZ25pbl8xIiwidHlwIjoiSldUIn0.eyJVc2VybmFtZSI6ImVyaWMiLCJleHAiOjE1NzA3NjI5NzksInN1YiI6IjVkOTNlMTFjNmY4Zjk4YzlmYjI0ZGU0NiJ9.n70EAaiY6rbH1QzpoUJhx3hER4odW8FuN2wYG1sgH7g',
  refresh_token:
    'eyJhbGciOiJIUzI1NiIsImtpZCI6InNpZ25pbl8yIiwidHlwIjoiSldUIn0.eyJleHAiOjE1NzA3NjM1NzksInN1YiI6IjVkOTNlMTFjNmY4Zjk4YzlmYjI0ZGU0NiJ9.zwGB1340IVMLjMf_UnFC_rEeNdD131OGPcg_S0ea8DE',
}
const { access_token, refresh_token } = tokens
// It has the shape of a proof, and nobody signed it.
const token = 'eyJhbGciOiJIUzI1NiIsImtpZCI6InNpZ25pbl8yIiwidHlwIjoicHJvb2Yrand0In0.eyJwdXJwb3NlIjoi4oCmIn0.4oCm'

const BREACHED = 'Where `PWNED_PASSWORDS` is `on`, a password that is known from a breach is refused with 400.'

const path = z.object({ id: describe(z.string(), { description: 'The id of a user.', example: dwight.id }) })

const query = z.extend(requests.usersQuery, {
  limit: describe(requests.usersQuery.shape.limit, {
    description: 'The most users that the page may have.',
    override: ({ jsonSchema }: { jsonSchema: object }) => {
      Object.assign(jsonSchema, { type: 'integer', pattern: undefined, minimum: 1, maximum: requests.MAX_PAGE_USERS })
    },
  }),
  after: describe(requests.usersQuery.shape.after, {
    description: 'The page begins after this id: `next` of the page before.',
  }),
})

/** Paths as OpenAPI writes them. */
export const operations: Record<string, Partial<Record<'get' | 'post' | 'put' | 'patch' | 'delete', Operation>>> = {
  '/users': {
    get: {
      ...{ id: 'listUsers', tag: tags.published, summary: 'List all users', access: 'reader', statements: 1, query },
      moreStatements: `The whole list takes one for every ${requests.MAX_PAGE_USERS.toLocaleString('en')} users.`,
      description:
        'Without parameters it streams the whole list. A list that breaks off is not valid JSON. With `limit` or `after` it answers with one page. Public, unless `USERS_ACCESS` is `authenticated` (any access token) or `owner` (nobody).',
      response: {
        ...{ status: 200, description: 'The users, in the order of their ids.' },
        ...{ schema: responses.usersResponse, example: { data: [walter, dwight] } },
      },
    },
  },
  '/users/{id}': {
    get: {
      ...{ id: 'getUser', tag: tags.published, summary: 'Look a user up', access: 'reader', statements: 1, path },
      description:
        'Public, unless `USERS_ACCESS` is `authenticated` (any access token) or `owner` (that of the user in the path).',
      refusals: ['user_not_found'],
      response: {
        ...{ status: 200, description: 'The user.' },
        ...{ schema: responses.userResponse, example: { data: dwight, status: 200 } },
      },
    },
    patch: {
      ...{ id: 'updateUser', tag: tags.account, summary: 'Change a name or the email', access: 'owner', path },
      ...{
        refusals: ['email_taken', 'account_changed'],
        limits: ['OWNER_BY_ACCOUNT', 'MAIL_BY_ACCOUNT'],
        statements: 2,
      },
      moreStatements: 'One more where `EMAIL_CHANGE` is `proof` and a name changes beside the email.',
      description:
        'At least one of `firstname`, `lastname` and `email`. A new email needs `current_password` too. Where `EMAIL_CHANGE` is `proof`, the answer has the old email until the link that was sent to the new one is followed.',
      request: { schema: requests.updateUserRequest, example: { firstname: 'Peter', lastname: 'Parker' } },
      response: {
        ...{ status: 200, description: 'The changed user.', schema: responses.userResponse },
        example: { data: { ...dwight, firstname: 'Peter', lastname: 'Parker' }, status: 200 },
      },
    },
    delete: {
      ...{ id: 'deleteUser', tag: tags.account, summary: 'Delete the account', access: 'owner', path },
      ...{ refusals: ['account_changed'], limits: ['OWNER_BY_ACCOUNT'], statements: 2 },
      description: 'No token of the user refreshes any more, and somebody else may take the name.',
      request: { schema: requests.deleteUserRequest, example: { password: peter.password } },
      response: {
        ...{ status: 200, description: 'The account is gone.' },
        ...{ schema: responses.deleteUserResponse, example: { message: 'User deleted', status: 200 } },
      },
    },
  },
  '/users/{id}/password': {
    put: {
      ...{ id: 'changePassword', tag: tags.account, summary: 'Change the password', access: 'owner', path },
      ...{ refusals: ['account_changed'], limits: ['OWNER_BY_ACCOUNT'], statements: 2 },
      description: `Ends every session and begins a new one. ${BREACHED}`,
      request: {
        schema: requests.updatePasswordRequest,
        example: { current_password: peter.password, new_password: 'with great power' },
      },
      response: {
        ...{ status: 200, description: 'The tokens of the new session.' },
        ...{ schema: responses.tokensResponse, example: { ...tokens, status: 200 } },
      },
    },
  },
  '/users/{id}/email-verification': {
    post: {
      ...{ id: 'askVerification', tag: tags.mail, summary: 'Ask for a link that verifies the email', access: 'owner' },
      ...{ path, needsMail: true, limits: ['MAIL_BY_ACCOUNT'], statements: 1 },
      description: 'Nothing is sent for an email that is verified. A registration sends the first link by itself.',
      response: {
        ...{ status: 202, description: 'The message is sent after the answer.' },
        schema: responses.askVerificationResponse,
        example: { message: 'Unless the address is verified already, a message is on its way', status: 202 },
      },
    },
  },
  '/users/{id}/logout': {
    post: {
      ...{ id: 'logOutEverywhere', tag: tags.account, summary: 'End every session', access: 'owner', path },
      statements: 1,
      description: 'Access tokens stay good for other services until they expire, refresh tokens do not.',
      response: {
        ...{ status: 200, description: 'Every session has ended.' },
        ...{ schema: responses.logoutResponse, example: { message: 'Logged out', status: 200 } },
      },
    },
  },
  '/register': {
    post: {
      ...{ id: 'register', tag: tags.published, summary: 'Register a user', statements: 1 },
      limits: ['REGISTER_BY_ADDRESS'],
      moreStatements: 'One more if a name is taken.',
      description: BREACHED,
      refusals: ['username_taken', 'email_taken'],
      request: { schema: requests.registerRequest, example: peter },
      response: {
        ...{ status: 201, description: 'The user has been created.', schema: responses.registerResponse },
        example: { message: 'User created successfully!', resourceId: '5c61ef891d41c8de20281dd2', status: 201 },
      },
    },
  },
  '/login': {
    post: {
      ...{ id: 'login', tag: tags.published, summary: 'Log in', statements: 1 },
      limits: ['LOGIN_BY_ADDRESS', 'LOGIN_BY_ACCOUNT_AND_ADDRESS', 'LOGIN_BY_ACCOUNT'],
      moreStatements: 'One more after the answer if the hash has another cost.',
      description: 'An unknown user and a wrong password get the same answer, after the same work.',
      refusals: ['invalid_credentials'],
      request: { schema: requests.loginRequest, example: { username: 'walter', password: 'vmware1!' } },
      response: {
        ...{ status: 200, description: 'The tokens of a new session.' },
        ...{ schema: responses.tokensResponse, example: { ...tokens, status: 200 } },
      },
    },
  },
  '/refresh-token': {
    post: {
      ...{ id: 'refreshToken', tag: tags.published, summary: 'Get a new access token', statements: 1 },
      limits: ['REFRESH_BY_ADDRESS'],
      description:
        'With rotation off, as published, the refresh token comes back as it is. With rotation on it is spent, and a new one comes back. A spent token that is used after its grace ends the session.',
      refusals: ['invalid_token'],
      request: { schema: requests.refreshTokenRequest, example: { refresh_token } },
      response: {
        ...{ status: 200, description: 'A new access token, and the refresh token to use next.' },
        ...{ schema: responses.tokensResponse, example: { ...tokens, status: 200 } },
      },
    },
  },
  '/verify-token': {
    post: {
      ...{ id: 'verifyToken', tag: tags.published, summary: 'Verify an access token', statements: 0 },
      description: 'It asks no database, so the token of a session that has ended stays good until it expires.',
      refusals: ['invalid_token'],
      request: { schema: requests.verifyTokenRequest, example: { access_token } },
      response: {
        ...{ status: 200, description: 'The token is good.', schema: responses.verifyTokenResponse },
        example: { message: 'Token Valid. User Authorized', status: 200 },
      },
    },
  },
  '/logout': {
    post: {
      ...{ id: 'logout', tag: tags.account, summary: 'End a session', statements: 1 },
      description: 'An expired token still ends its session, and a session that has ended gets the same answer.',
      refusals: ['invalid_token'],
      request: { schema: requests.logoutRequest, example: { refresh_token } },
      response: {
        ...{ status: 200, description: 'The session can refresh no more.' },
        ...{ schema: responses.logoutResponse, example: { message: 'Logged out', status: 200 } },
      },
    },
  },
  '/password-reset': {
    post: {
      ...{ id: 'askReset', tag: tags.mail, summary: 'Ask for a link that sets a new password', needsMail: true },
      ...{ limits: ['MAIL_BY_ADDRESS', 'MAIL_BY_ACCOUNT'], statements: 1 },
      description: 'The same answer after the same work, whether anybody has the address or not.',
      request: { schema: requests.askResetRequest, example: { email: walter.email } },
      response: {
        ...{ status: 202, description: 'A message is sent after the answer, where an account has the address.' },
        schema: responses.askResetResponse,
        example: { message: 'If an account has this address, a message is on its way', status: 202 },
      },
    },
    put: {
      ...{ id: 'resetPassword', tag: tags.mail, summary: 'Set a new password with the link', needsMail: true },
      ...{ limits: ['MAIL_BY_ADDRESS'], refusals: ['invalid_token'], statements: 1 },
      description: 'Ends every session and begins a new one. The token is what the link has behind `#password-reset=`.',
      request: { schema: requests.resetPasswordRequest, example: { token, new_password: 'with great power' } },
      response: {
        ...{ status: 200, description: 'The tokens of the new session.' },
        ...{ schema: responses.tokensResponse, example: { ...tokens, status: 200 } },
      },
    },
  },
  '/email-verification': {
    put: {
      ...{ id: 'verifyEmail', tag: tags.mail, summary: 'Verify an email with the link', needsMail: true },
      ...{ limits: ['MAIL_BY_ADDRESS'], refusals: ['invalid_token', 'email_taken'], statements: 1 },
      description:
        'Where the email is to replace another one, it does so now. The token is what the link has behind `#email-verification=`.',
      request: { schema: requests.verifyEmailRequest, example: { token } },
      response: {
        ...{ status: 200, description: 'Access tokens say `email_verified` from now on.' },
        ...{ schema: responses.verifyEmailResponse, example: { message: 'Email verified', status: 200 } },
      },
    },
  },
  '/.well-known/jwks.json': {
    get: {
      ...{ id: 'listKeys', tag: tags.operation, summary: 'The public keys of access tokens', statements: 0 },
      description: 'A JWK Set (RFC 7517), for services that verify tokens themselves.',
      response: {
        ...{ status: 200, description: 'The keys. A shared secret is not among them.', headers: ['Cache-Control'] },
        ...{ schema: responses.jwksResponse, example: { keys: [] }, alsoType: 'application/jwk-set+json' },
      },
    },
  },
  '/.well-known/openid-configuration': { get: discover('discoverOpenId') },
  '/.well-known/oauth-authorization-server': { get: discover('discoverOAuth') },
  '/health': {
    get: {
      ...{ id: 'health', tag: tags.operation, summary: 'Check that the Worker is alive', statements: 0 },
      unconditional: true,
      response: {
        ...{ status: 200, description: 'The Worker is alive.' },
        ...{ schema: responses.healthResponse, example: { message: 'OK', status: 200 } },
      },
    },
  },
  '/health/ready': {
    get: {
      ...{ id: 'ready', tag: tags.operation, summary: 'Check that the store answers too', statements: 1 },
      response: {
        ...{ status: 200, description: 'The store answers.' },
        ...{ schema: responses.healthResponse, example: { message: 'OK', status: 200 } },
      },
    },
  },
}

/** The two discovery documents, which are one. */
function discover(id: string): Operation {
  return {
    ...{
      id,
      tag: tags.operation,
      summary: 'Where the public keys are, for clients that know the issuer',
      statements: 0,
    },
    description:
      'Metadata as in RFC 8414, where `TOKEN_ISSUER` is an https URL and access tokens are signed with ES256 or EdDSA; otherwise 404.',
    refusals: ['not_found'],
    response: {
      ...{ status: 200, description: 'The metadata.', headers: ['Cache-Control'] },
      schema: responses.discoveryResponse,
      example: {
        issuer: 'https://users.acmefitness.example',
        jwks_uri: 'https://users.acmefitness.example/.well-known/jwks.json',
        response_types_supported: [],
        grant_types_supported: [],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      },
    },
  }
}

function describe<Schema extends z.ZodMiniType>(schema: Schema, meta: z.core.GlobalMeta): Schema {
  return schema.check(z.meta(meta)) as Schema
}
