/**
 * The wire, inwards: what every request body looks like, and every validation message a person may read. To make all of
 * these schemas would be a third of what it costs to start.
 */
import * as z from 'zod/mini'
import { commonPasswords } from '../auth/common-passwords.ts'
import { normalizePassword } from '../auth/passwords.ts'
import { once } from '../once.ts'

/** The ids the store accepts: ours are 24 hex characters, the original service also issued UUIDs. */
export const USER_ID = /^[0-9A-Za-z-]{1,64}$/

/** The user names that can exist; any other string at login is an unknown user. */
export const USERNAME = /^[A-Za-z0-9._-]{1,64}$/

const usernameField = () =>
  text('Username', 1, 64).check(
    z.regex(USERNAME, 'Username may contain only letters, digits, dots, underscores and hyphens'),
  )

/** What browsers take for a valid email address (HTML Standard, section 4.10.5.1.5). */
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

const emailField = () => text('Email', 1, 254).check(z.regex(EMAIL, 'Email must be an email address'))

const nameField = (label: string) =>
  text(label, 1, 100).check(
    z.refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), `${label} must not contain control characters`),
  )

const newPasswordField = () =>
  text('Password', 8, 256).check(
    z.refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      'Password contains characters that are not text',
    ),
    z.refine(
      (value) => !commonPasswords().has(comparable(value)),
      'Password is too common: it is among the most used ones',
    ),
  )

/** A password that is compared with the stored one, and asked nothing else. */
const currentPasswordField = (label = 'Password') => text(label, 1, 256)

/** The complaint about a password for which `isIdentity` holds. */
export const PASSWORD_IS_IDENTITY = 'Password must differ from the username and the email'

/** Whether a password is as public as the name of its owner. */
export function isIdentity(password: string, { username, email }: { username: string; email: string }): boolean {
  return [username, email].map(comparable).includes(comparable(password))
}

/** As much of a registration as the comparison needs. */
const identified = once(() => z.object({ username: z.string(), email: z.string(), password: z.string() }))

/** `POST /register` */
export const registerRequest = once(() =>
  body({
    username: usernameField(),
    password: newPasswordField(),
    firstname: nameField('First name'),
    lastname: nameField('Last name'),
    email: emailField(),
  }).check(
    z.refine(({ password, ...person }) => !isIdentity(password, person), {
      path: ['password'],
      error: PASSWORD_IS_IDENTITY,
      // Whatever else is wrong, all fields at fault are named at once.
      when: ({ value }) => identified().safeParse(value).success,
    }),
  ),
)

/** `POST /login`: nothing but two strings of a sane length; whatever else is wrong with them is a 401. */
export const loginRequest = once(() => body({ username: text('Username', 1, 256), password: currentPasswordField() }))

/** `POST /refresh-token` */
export const refreshTokenRequest = once(() => body({ refresh_token: anyText('Refresh token') }))

/** `POST /verify-token` */
export const verifyTokenRequest = once(() => body({ access_token: anyText('Access token') }))

/** `POST /logout` */
export const logoutRequest = refreshTokenRequest

/** `PATCH /users/:id` */
export const updateUserRequest = once(() =>
  ownersBody({
    firstname: z.exactOptional(nameField('First name')),
    lastname: z.exactOptional(nameField('Last name')),
    email: z.exactOptional(emailField()),
    current_password: z.exactOptional(currentPasswordField('Current password')),
  }).check(
    z.refine(({ firstname, lastname, email }) => [firstname, lastname, email].some((value) => value !== undefined), {
      path: ['body'],
      error: 'Body must have a firstname, a lastname or an email',
    }),
    z.refine(({ email, current_password }) => email === undefined || current_password !== undefined, {
      path: ['current_password'],
      error: 'Current password is required to change the email',
    }),
    z.refine(
      ({ email = '', current_password = '' }) => email === '' || comparable(email) !== comparable(current_password),
      {
        path: ['email'],
        error: 'Email must differ from the password',
      },
    ),
  ),
)

/** `PUT /users/:id/password` */
export const updatePasswordRequest = once(() =>
  ownersBody({
    current_password: currentPasswordField('Current password'),
    new_password: newPasswordField(),
  }),
)

/** `DELETE /users/:id` */
export const deleteUserRequest = once(() => ownersBody({ password: currentPasswordField() }))

/** The most users in one page of `GET /users`, and in one statement of the whole list. */
export const MAX_PAGE_USERS = 5_000

const PAGE_MESSAGE = `Limit must be a whole number from 1 to ${MAX_PAGE_USERS}`

/** The query of `GET /users`: with either member, one page; without, the whole list. */
export const usersQuery = once(() =>
  z.object({
    limit: z.optional(
      z.pipe(
        z.pipe(z.string(PAGE_MESSAGE).check(z.regex(/^\d{1,4}$/, PAGE_MESSAGE)), z.transform(Number)),
        z.number().check(z.gte(1, PAGE_MESSAGE), z.lte(MAX_PAGE_USERS, PAGE_MESSAGE)),
      ),
    ),
    after: z.optional(
      z.string('After must be the id of a user').check(z.regex(USER_ID, 'After must be the id of a user')),
    ),
  }),
)

/** The published calls ignore what they do not know, as the original did. */
function body<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.object(shape, { error: describeBody })
}

/** The owner's calls refuse it: a misspelt field must not look like a change that was made. */
function ownersBody<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: describeBody })
}

function describeBody({ code }: { code: string }): string {
  return code === 'unrecognized_keys' ? 'Unknown field' : 'Body must be a JSON object'
}

/** A string of `min` to `max` characters, counted in code points. */
function text(label: string, min: number, max: number) {
  const hasLength = (value: string) => {
    const { length } = [...value]
    return length >= min && length <= max
  }
  return anyText(label).check(
    z.refine(hasLength, { error: `${label} must have ${min} to ${max} characters`, abort: true }),
    // For the OpenAPI document: JSON Schema counts characters as this does.
    z.meta({ minLength: min, maxLength: max }),
  )
}

/** A string of whatever length: nothing of it is counted. */
function anyText(label: string) {
  return z.string({
    error: ({ input }) => `${label} ${input === undefined ? 'is required' : 'must be a string'}`,
  })
}

function comparable(value: string): string {
  return normalizePassword(value).toLowerCase()
}
