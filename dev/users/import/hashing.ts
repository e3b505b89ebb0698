/** Hashes for many users at once. Web Crypto works in the threads of libuv's pool: as many of them as there are cores. */
import { availableParallelism } from 'node:os'
import { hashPassword, wrapLegacyDigest } from '../../../src/auth/passwords.ts'
import type { NewUser } from '../../../src/db/users.ts'
import type { LegacyUser } from './legacy-user.ts'

/** Enough that no thread waits while a hash takes its turn of the event loop. */
const HASHES_PER_CORE = 4
const DEFAULT_POOL_THREADS = 4

/** Lets the pool have a thread for each core. It is made at its first use: this must come before any file or network. */
export function useAllCores(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(Math.max(availableParallelism(), DEFAULT_POOL_THREADS))
}

/** How to hash. */
export interface Hashing {
  iterations: number
  /** Whether to begin no other hash. */
  isStopping(): boolean
  onHashed(): void
}

/** Makes rows of users; of fewer than were given only where it was told to stop. */
export async function hashUsers(users: LegacyUser[], hashing: Hashing): Promise<NewUser[]> {
  const rows: NewUser[] = []
  const queue = users.values()
  const work = async () => {
    for (const { secret, ...user } of queue) {
      if (hashing.isStopping()) return
      rows.push({ ...user, passwordHash: await hashSecret(secret, hashing.iterations) })
      hashing.onHashed()
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() * HASHES_PER_CORE }, work))
  return rows
}

function hashSecret(secret: LegacyUser['secret'], iterations: number): Promise<string> {
  if ('password' in secret) return hashPassword(secret.password, iterations)
  return wrapLegacyDigest(secret.digest, secret.salt, iterations)
}
