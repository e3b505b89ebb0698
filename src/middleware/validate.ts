/** Validates bodies and queries with schemas. The handler gets the parsed value from `c.req.valid`. */
import { zValidator } from '@hono/zod-validator'
import type * as z from 'zod/mini'
import { ApiError, toFieldErrors } from '../errors.ts'

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

function refuseInvalid(result: { success: true } | { success: false; error: z.core.$ZodError }): void {
  if (!result.success) throw new ApiError('validation_failed', { fields: toFieldErrors(result.error.issues) })
}
