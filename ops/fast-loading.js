/**
 * Lets commands and tests start fast. Node keeps what it has compiled, and loads Drizzle as CommonJS: as ES modules Node 24
 * parses Drizzle's package.json of 180 KB anew for each of 200 files, which takes a second of computing.
 */
import { enableCompileCache, registerHooks } from 'node:module'

enableCompileCache()

registerHooks({
  resolve(specifier, context, next) {
    const isDrizzle = /^drizzle-orm(\/|$)/.test(specifier)
    return next(specifier, isDrizzle ? { ...context, conditions: ['node', 'require'] } : context)
  },
})
