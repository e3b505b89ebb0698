/** Gives every request what its isolate has made once; where that fails, no request gets further. */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'
import { prepareIsolate } from '../isolate.ts'

/** Sets the variables that `AppEnv` takes from the isolate. */
export const prepare = createMiddleware<AppEnv>(async (c, next) => {
  try {
    const { config, database, tokens, limits, metrics, assets } = await prepareIsolate(c.env)
    c.set('config', config)
    c.set('database', database)
    c.set('tokens', tokens)
    c.set('limits', limits)
    c.set('metrics', metrics)
    c.set('assets', assets)
  } catch (error) {
    // Which origins are allowed is not known here; the answer tells nobody anything.
    c.res.headers.set('Access-Control-Allow-Origin', '*')
    throw error
  }
  await next()
})
