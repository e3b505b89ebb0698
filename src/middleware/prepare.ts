/** Gives every request what its isolate has made once; where that fails, no request gets further. */
import type { Context, Next } from 'hono'
import type { AppEnv } from '../context.ts'
import { findIsolate, type Isolate, prepareIsolate } from '../services.ts'

/** Sets the variable `isolate`. Only an isolate's first requests wait for it. */
export function prepare(c: Context<AppEnv>, next: Next): Promise<void> {
  const isolate = findIsolate(c.env)
  return isolate ? enter(c, isolate, next) : prepareIsolate(c.env).then((made) => enter(c, made, next))
}

function enter(c: Context<AppEnv>, isolate: Isolate, next: Next): Promise<void> {
  c.set('isolate', isolate)
  return next()
}
