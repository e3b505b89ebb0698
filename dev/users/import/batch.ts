/** One batch of an import: whom nobody is in the way of is hashed and inserted, and of everyone else is said why not. */
import type { Client } from 'pg'
import { createDirectory, type Directory, type Verdict } from './directory.ts'
import type { Entry } from './entries.ts'
import { type Hashing, hashUsers } from './hashing.ts'
import type { LegacyUser } from './legacy-user.ts'
import { findCollisions, insertUsers } from './statements.ts'

/** What has become of a record. */
export type Outcome = 'imported' | Verdict

/** What batches have in common. */
export interface BatchOptions {
  client: Client
  /** Told of each entry once; of none that an interruption has left. */
  onOutcome(entry: Entry, outcome: Outcome): void
}

/** Imports a batch, or as much of it as has been hashed when it is told to stop. */
export async function importBatch(batch: Entry[], options: BatchOptions & { hashing: Hashing }): Promise<void> {
  const fresh = await sortOut(batch, createDirectory(), options)
  const rows = await hashUsers(fresh.map(toUser), options.hashing)
  const inserted = await insertUsers(options.client, rows)
  for (const entry of fresh) if (inserted.has(entry.user.id)) options.onOutcome(entry, 'imported')

  // Somebody has registered meanwhile, or another import is at work.
  const refused = new Set(rows.map(({ id }) => id).filter((id) => !inserted.has(id)))
  const entries = fresh.filter(({ user }) => refused.has(user.id))
  const reason = 'Id, username or email was taken for a moment: run the import again'
  for (const entry of await sortOut(entries, createDirectory(), options)) options.onOutcome(entry, { reason })
}

/**
 * Does as `importBatch`, but hashes and writes nothing.
 * @param directory the same one for all batches, in place of what they would have written
 */
export async function rehearseBatch(batch: Entry[], directory: Directory, options: BatchOptions): Promise<void> {
  for (const entry of await sortOut(batch, directory, options)) options.onOutcome(entry, 'imported')
}

/** Returns the entries in whose way nobody is, neither in the database nor earlier in the batch. */
async function sortOut(batch: Entry[], directory: Directory, { client, onOutcome }: BatchOptions): Promise<Entry[]> {
  directory.add(await findCollisions(client, batch.map(toUser)))
  return batch.filter((entry) => {
    const verdict = directory.judge(entry.user)
    if (verdict) onOutcome(entry, verdict)
    else directory.add([entry.user])
    return !verdict
  })
}

function toUser({ user }: Entry): LegacyUser {
  return user
}
