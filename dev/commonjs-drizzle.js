/**
 * Lets Node load Drizzle as CommonJS. As ES modules Node 24 reads Drizzle's package.json of 180 KB anew for each of 200
 * files, which takes a second of computing at every start of a command or a test.
 */
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const isDrizzle = /^drizzle-orm(\/|$)/.test(specifier)
    return next(specifier, isDrizzle ? { ...context, conditions: ['node', 'require'] } : context)
  },
})
