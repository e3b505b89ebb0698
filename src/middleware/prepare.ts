/** Gives every request what its isolate has made once; where that fails, no request gets further. */
import type { Context } from 'hono'
import { refuse } from '../answer.ts'
import type { AppEnv } from '../context.ts'
import { findIsolate, prepareIsolate } from '../isolate.ts'

/** Sets the variable `isolate`, at once, where it has been made: for all but an isolate's first requests. */
export function reuseIsolate(c: Context<AppEnv>): boolean {
  const isolate = findIsolate(c.env)
  if (isolate) c.set('isolate', isolate)
  return isolate !== undefined
}

/** Makes it for those. Where that fails, answers with the failure and returns false. */
export async function makeIsolate(c: Context<AppEnv>): Promise<boolean> {
  try {
    c.set('isolate', await prepareIsolate(c.env))
    return true
  } catch (error) {
    c.error = error instanceof Error ? error : new Error(String(error))
    c.res = refuse(error, c)
    return false
  }
}
