/** The shape of every request, and every validation message that a person may read. */
import * as z from 'zod/mini'
import { commonPasswords } from '../auth/common-passwords.ts'
import { normalizePassword } from '../auth/passwords.ts'

/** The ids that the store accepts: ours are 24 hex characters, the original service also issued UUIDs. */
export const USER_ID = /^[0-9A-Za-z-]{1,64}$/

const USERNAME = /^[A-Za-z0-9._-]{1,64}$/

/** A valid email address, as browsers see it (HTML Standard, section 4.10.5.1.5). */
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

const MAX_EMAIL_LENGTH = 254

/** The most users in one page of `GET /users`, and in one statement of the whole list. */
export const MAX_PAGE_USERS = 5_000

/** The message for a password for which `isIdentity` holds. */
export const PASSWORD_IS_IDENTITY = 'Password must differ from the username and the email'

/**
 * Says whether a text has the form of a username or an email. A login with any other text needs no statement to fail.
 */
export function isLoginName(text: string): boolean {
  return USERNAME.test(text) || (text.length <= MAX_EMAIL_LENGTH && EMAIL.test(text))
}

/** Says whether a password equals the username or the email, in any case of letters (OWASP ASVS 5.0, 6.2.11). */
export function isIdentity(password: string, { username, email }: { username: string; email: string }): boolean {
  return [username, email].map(comparable).includes(comparable(password))
}

const username = trimmed('Username', 1, 64).check(
  z.regex(USERNAME, 'Username may contain only letters, digits, dots, underscores and hyphens'),
)

const email = trimmed('Email', 1, MAX_EMAIL_LENGTH).check(z.regex(EMAIL, 'Email must be an email address'))

const newPassword = text('Password', 8, 256).check(
  z.refine((value) => value.isWellFormed() && !value.includes('\0'), 'Password contains characters that are not text'),
  z.refine(
    (value) => !commonPasswords.has(comparable(value)),
    'Password is too common: it is among the most used ones',
  ),
)

/** `POST /register` */
export const registerRequest = publishedBody({
  username,
  password: newPassword,
  firstname: personName('First name'),
  lastname: personName('Last name'),
  email,
}).check(
  z.refine(({ password, ...person }) => !isIdentity(password, person), {
    path: ['password'],
    error: PASSWORD_IS_IDENTITY,
    // Runs beside the checks of other fields, so that all fields at fault are named at once.
    when: ({ value }) => identified.safeParse(value).success,
  }),
)

/** The fields of a registration that `isIdentity` needs. */
const identified = z.object({ username: z.string(), email: z.string(), password: z.string() })

/**
 * `POST /login`: two strings of 1 to 256 characters; anything else wrong with them is a 401. The username may be the
 * email.
 */
export const loginRequest = publishedBody({
  username: text('Username', 1, 256).check(z.trim()),
  password: currentPassword('Password'),
})

/** `POST /refresh-token` */
export const refreshTokenRequest = publishedBody({ refresh_token: anyText('Refresh token') })

/** `POST /verify-token` */
export const verifyTokenRequest = publishedBody({ access_token: anyText('Access token') })

/** `POST /logout` */
export const logoutRequest = refreshTokenRequest

/** `PATCH /users/:id` */
export const updateUserRequest = strictBody({
  firstname: z.exactOptional(personName('First name')),
  lastname: z.exactOptional(personName('Last name')),
  email: z.exactOptional(email),
  current_password: z.exactOptional(currentPassword('Current password')),
}).check(
  z.refine(({ current_password: _, ...changes }) => Object.values(changes).some((value) => value !== undefined), {
    path: ['body'],
    error: 'Body must have a firstname, a lastname or an email',
  }),
  z.refine(({ email, current_password }) => email === undefined || current_password !== undefined, {
    path: ['current_password'],
    error: 'Current password is required to change the email',
  }),
  z.refine(
    ({ email = '', current_password = '' }) => email === '' || comparable(email) !== comparable(current_password),
    { path: ['email'], error: 'Email must differ from the password' },
  ),
)

/** `PUT /users/:id/password` */
export const updatePasswordRequest = strictBody({
  current_password: currentPassword('Current password'),
  new_password: newPassword,
})

/** `DELETE /users/:id` */
export const deleteUserRequest = strictBody({ password: currentPassword('Password') })

/** `POST /password-reset` */
export const askResetRequest = strictBody({ email })

/** `PUT /password-reset` */
export const resetPasswordRequest = strictBody({ token: anyText('Token'), new_password: newPassword })

/** `PUT /email-verification` */
export const verifyEmailRequest = strictBody({ token: anyText('Token') })

const LIMIT_MESSAGE = `Limit must be a whole number from 1 to ${MAX_PAGE_USERS}`
const AFTER_MESSAGE = 'After must be the id of a user'

/** The query of `GET /users`: with either member, one page; without, the whole list. */
export const usersQuery = z.object({
  limit: z.optional(
    z.pipe(
      z.pipe(z.string(LIMIT_MESSAGE).check(z.regex(/^\d{1,4}$/, LIMIT_MESSAGE)), z.transform(Number)),
      z.number().check(z.gte(1, LIMIT_MESSAGE), z.lte(MAX_PAGE_USERS, LIMIT_MESSAGE)),
    ),
  ),
  after: z.optional(z.string(AFTER_MESSAGE).check(z.regex(USER_ID, AFTER_MESSAGE))),
})

/** Makes the body of a published call, which ignores unknown fields, as the original did. */
function publishedBody<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.object(shape, { error: describeBody })
}

/** Makes the body of a newer call, which refuses unknown fields: a misspelt one must not look like a change. */
function strictBody<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: describeBody })
}

function describeBody({ code }: { code: string }): string {
  return code === 'unrecognized_keys' ? 'Unknown field' : 'Body must be a JSON object'
}

function personName(label: string) {
  return text(label, 1, 100).check(
    z.refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), `${label} must not contain control characters`),
  )
}

/** A password that is compared with the stored one. Only its length is checked. */
function currentPassword(label: string) {
  return text(label, 1, 256)
}

/** A string of `min` to `max` characters, counted in code points. */
function text(label: string, min: number, max: number) {
  return anyText(label).check(...hasLength(label, min, max))
}

/** A string of `min` to `max` code points, without the white space around it. */
function trimmed(label: string, min: number, max: number) {
  return anyText(label).check(z.trim(), ...hasLength(label, min, max))
}

function hasLength(label: string, min: number, max: number) {
  const isWithin = (value: string) => {
    const { length } = [...value]
    return length >= min && length <= max
  }
  return [
    z.refine<string>(isWithin, { error: `${label} must have ${min} to ${max} characters`, abort: true }),
    // For the OpenAPI document: JSON Schema counts characters as this does.
    z.meta<string>({ minLength: min, maxLength: max }),
  ]
}

/** A string of any length. */
function anyText(label: string) {
  return z.string({
    error: ({ input }) => `${label} ${input === undefined ? 'is required' : 'must be a string'}`,
  })
}

function comparable(value: string): string {
  return normalizePassword(value).toLowerCase()
}
