/** Gives every request what its isolate has made once; where that fails, no request gets further. */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'
import { findIsolate, prepareIsolate } from '../isolate.ts'

/** Sets the variable `isolate`. */
export const prepare = createMiddleware<AppEnv>(async (c, next) => {
  c.set('isolate', findIsolate(c.env) ?? (await prepareIsolate(c.env)))
  await next()
})
