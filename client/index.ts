/** What other projects install: the types of every route and of `UserService`, in one file that needs nothing but Hono. */
import type { WorkerEntrypoint } from 'cloudflare:workers'
import type { Env, Hono } from 'hono'
import type { ExtractSchema } from 'hono/types'
import type { AppType as ServedApp } from '../src/app.ts'
import type { UserService as Entrypoint } from '../src/index.ts'

/** The routes with their bodies and responses, refusals included, for Hono's typed client. */
export type AppType = Hono<Env, typeof routes, '/'>

/** The calls of the service binding: `Service<UserService>`. */
export type UserService = typeof userService

// In a declaration file the compiler repeats a type alias as it stands here, imports and all, but writes a constant's
// type out.
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

/** What the runtime may call of any Worker. The mark stays, since `Service` knows an entrypoint by it. */
type Handlers = Exclude<keyof WorkerEntrypoint, typeof Rpc.__WORKER_ENTRYPOINT_BRAND>
