/**
 * The store as the rest of the service knows it: its statements, by name. Drizzle and the tables behind them are loaded
 * with the first one; an isolate starts, and checks tokens, without.
 */
import { once } from '../once.ts'
import type { Database } from './client.ts'

/** The store of an isolate. */
export type Store = () => Promise<Database>

/** Makes a statement of `users.ts` or `sessions.ts` one of the store, which is opened for it. */
function defer<Given extends unknown[], Result>(
  load: () => Promise<(database: Database, ...given: Given) => Promise<Result>>,
) {
  return async (store: Store, ...given: Given): Promise<Result> => {
    const run = await load()
    return run(await store(), ...given)
  }
}

const client = once(() => import('./client.ts'))
const users = once(() => import('./users.ts'))
const sessions = once(() => import('./sessions.ts'))

/**
 * Describes a store; nothing is loaded or sent before the first statement.
 * @param timeoutMs how long a statement may take, all tries together
 */
export function openStore(url: string, timeoutMs: number): Store {
  return once(async () => (await client()).openDatabase(url, timeoutMs))
}

export const ping = defer(async () => (await client()).ping)

export const deleteUser = defer(async () => (await users()).deleteUser)
export const endAllSessions = defer(async () => (await users()).endAllSessions)
export const findAccount = defer(async () => (await users()).findAccount)
export const findCredentials = defer(async () => (await users()).findCredentials)
export const findUser = defer(async () => (await users()).findUser)
export const findUsers = defer(async () => (await users()).findUsers)
export const insertUser = defer(async () => (await users()).insertUser)
export const replacePasswordHash = defer(async () => (await users()).replacePasswordHash)
export const updateProfile = defer(async () => (await users()).updateProfile)
export const updatePassword = defer(async () => (await users()).updatePassword)

export const endSession = defer(async () => (await sessions()).endSession)
export const findSessionUser = defer(async () => (await sessions()).findSessionUser)
export const purgeSessions = defer(async () => (await sessions()).purgeSessions)
export const rotateSession = defer(async () => (await sessions()).rotateSession)
