/** Validates bodies and queries with schemas. The handler gets the parsed value from `c.req.valid`. */
import { zValidator } from '@hono/zod-validator'
import type * as z from 'zod/mini'
import { ApiError, toFieldErrors } from '../errors.ts'
import { isIdentity, PASSWORD_IS_IDENTITY } from '../schemas/requests.ts'

/**
 * Makes a middleware that checks the JSON of a body. It belongs after the middleware of `body.ts`.
 * @throws {ApiError} `validation_failed`, with the fields at fault
 */
export const validateJson = <Schema extends z.ZodMiniType<object>>(schema: Schema) =>
  zValidator('json', schema, refuseInvalid)

/**
 * Makes a middleware that checks the query. A parameter that is given twice is a list.
 * @throws {ApiError} `validation_failed`, with the parameters at fault
 */
export const validateQuery = <Schema extends z.ZodMiniType<object>>(schema: Schema) =>
  zValidator('query', schema, refuseInvalid)

/**
 * Refuses a new password that is the username or the email of its person, whom the body does not name.
 * @throws {ApiError} `validation_failed`
 */
export function refuseIdentity(newPassword: string, person: { username: string; email: string }): void {
  if (!isIdentity(newPassword, person)) return
  throw new ApiError('validation_failed', { fields: [{ field: 'new_password', message: PASSWORD_IS_IDENTITY }] })
}

function refuseInvalid(result: { success: true } | { success: false; error: z.core.$ZodError }): void {
  if (!result.success) throw new ApiError('validation_failed', { fields: toFieldErrors(result.error.issues) })
}
