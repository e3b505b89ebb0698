/** Other projects install this: the types of every route and of `UserService`, in one file that needs only Hono. */
import type { WorkerEntrypoint } from 'cloudflare:workers'
import type { Env, Hono } from 'hono'
import type { ExtractSchema } from 'hono/types'
import type { AppType as ServedApp } from '../src/app.ts'
import type { UserService as Entrypoint } from '../src/index.ts'

/** The routes with their bodies and responses, refusals included, for Hono's typed client. */
export type AppType = Hono<Env, typeof routes, '/'>

/** The calls of the service binding: `Service<UserService>`. */
export type UserService = typeof userService

// The compiler copies a type alias into the declaration file as it stands here, imports and all, but writes out the type
// of a constant.
const routes = writeOut<ExtractSchema<ServedApp>>()
const userService = writeOut<Omit<Entrypoint, Handlers>>()

declare function writeOut<Type>(): WrittenOut<Type>

/** The same type, member by member, so that no name of this project is left in it. */
type WrittenOut<Type> = Type extends (...args: infer Args) => Promise<infer Result>
  ? (...args: Args) => Promise<WrittenOut<Result>>
  : Type extends object
    ? Type extends infer Shape
      ? { [Key in keyof Shape]: WrittenOut<Shape[Key]> }
      : never
    : Type

/** The handlers that the runtime calls. The brand stays, because `Service` knows an entrypoint by it. */
type Handlers = Exclude<keyof WorkerEntrypoint, typeof Rpc.__WORKER_ENTRYPOINT_BRAND>
