/** Hashes for many users at once, on all cores: see process.ts. */
import { availableParallelism } from 'node:os'
import { hashPassword, wrapLegacyDigest } from '../../../src/auth/passwords.ts'
import type { NewUser } from '../../../src/db/users.ts'
import type { LegacyUser } from './legacy-user.ts'

/** Enough that no thread waits while a hash takes its turn of the event loop. */
const LANES_PER_CORE = 4

/** Options of a hasher. */
export interface Hashing {
  iterations: number
  /** Whether no other hash may begin. */
  isStopping(): boolean
  onHashed(): void
}

/** Makes rows of users, in their order. Once the import is to stop, it leaves out the rest. */
export type Hasher = (users: LegacyUser[]) => Promise<NewUser[]>

/**
 * Makes a hasher. It takes a batch while it works on the one before, so that no core waits for the end of a batch or
 * for the database.
 */
export function createHasher({ iterations, isStopping, onHashed }: Hashing): Hasher {
  const lanes: Promise<unknown>[] = Array.from({ length: availableParallelism() * LANES_PER_CORE })
  let turn = 0

  const hash = async ({ secret, ...user }: LegacyUser): Promise<NewUser[]> => {
    if (isStopping()) return []
    const passwordHash = await hashSecret(secret, iterations)
    onHashed()
    return [{ ...user, passwordHash }]
  }
  const queue = (user: LegacyUser) => {
    const lane = turn++ % lanes.length
    const row = Promise.resolve(lanes[lane]).then(() => hash(user))
    lanes[lane] = row
    return row
  }
  return async (users) => (await Promise.all(users.map(queue))).flat()
}

/** Hashes without turns: Node derives keys in threads of their own, and turns would keep all but one or two cores idle. */
function hashSecret(secret: LegacyUser['secret'], iterations: number): Promise<string> {
  if ('password' in secret) return hashPassword(secret.password, iterations, goOn)
  return wrapLegacyDigest(secret.digest, secret.salt, iterations, goOn)
}

async function goOn(): Promise<void> {}
