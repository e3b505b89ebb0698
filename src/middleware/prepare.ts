/** Gives every request what its isolate has made once; where that fails, no request gets further. */
import type { Context } from 'hono'
import { refuse } from '../answer.ts'
import type { AppEnv } from '../context.ts'
import { findIsolate, prepareIsolate } from '../isolate.ts'

/** Sets the variable `isolate`, or answers with the failure; only an isolate's first requests wait for it. */
export async function prepare(c: Context<AppEnv>): Promise<boolean> {
  try {
    c.set('isolate', findIsolate(c.env) ?? (await prepareIsolate(c.env)))
    return true
  } catch (error) {
    c.error = error instanceof Error ? error : new Error(String(error))
    c.res = refuse(error, c)
    return false
  }
}
