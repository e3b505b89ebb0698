/** One batch of an import: users who collide with nobody are hashed and inserted, and the others get a reason. */
import type { Client } from 'pg'
import type { NewUser } from '../../../src/db/users.ts'
import { createDirectory, type Directory, type Verdict } from './directory.ts'
import type { Entry } from './entries.ts'
import type { Hasher } from './hashing.ts'
import type { LegacyUser } from './legacy-user.ts'
import type { Rehearsal } from './rehearsal.ts'
import { findCollisions, insertUsers } from './statements.ts'

/** The result for a record. */
export type Outcome = 'imported' | Verdict

/** The result for each entry. An entry that an interruption left out has none. */
export type Outcomes = Map<Entry, Outcome>

/** A batch that is being hashed. */
export interface BegunBatch {
  outcomes: Outcomes
  fresh: Entry[]
  rows: Promise<NewUser[]>
}

/** Begins to hash the users of a batch who collide with nobody. */
export async function beginBatch(client: Client, batch: Entry[], hash: Hasher): Promise<BegunBatch> {
  const outcomes: Outcomes = new Map()
  const fresh = await sortOut(client, batch, { outcomes, directory: createDirectory() })
  return { outcomes, fresh, rows: hash(fresh.map(toUser)) }
}

/** Inserts a batch, or the part of it that was hashed before the import was told to stop. */
export async function finishBatch(client: Client, { outcomes, fresh, rows }: BegunBatch): Promise<Outcomes> {
  const hashed = await rows
  const inserted = await insertUsers(client, hashed)
  for (const entry of fresh) if (inserted.has(entry.user.id)) outcomes.set(entry, 'imported')

  // The batch before this one inserted them, somebody registered meanwhile, or another import is at work.
  const refused = new Set(hashed.map(({ id }) => id).filter((id) => !inserted.has(id)))
  const entries = fresh.filter(({ user }) => refused.has(user.id))
  const reason = 'Id, username or email was taken for a moment: run the import again'
  for (const entry of await sortOut(client, entries, { outcomes, directory: createDirectory() })) {
    outcomes.set(entry, { reason })
  }
  return outcomes
}

/**
 * Does what `beginBatch` and `finishBatch` do, but hashes and writes nothing.
 * @param rehearsal remembers the users of all batches, because the database does not get them
 */
export async function rehearseBatch(client: Client, batch: Entry[], rehearsal: Rehearsal): Promise<Outcomes> {
  const [outcomes, directory]: [Outcomes, Directory] = [new Map(), createDirectory()]
  directory.add(rehearsal.find(batch.map(toUser)))
  const fresh = await sortOut(client, batch, { outcomes, directory })
  rehearsal.add(fresh.map(toUser))
  for (const entry of fresh) outcomes.set(entry, 'imported')
  return outcomes
}

/** Returns the entries that collide with nobody, neither in the database nor earlier in the batch. */
async function sortOut(
  client: Client,
  batch: Entry[],
  { outcomes, directory }: { outcomes: Outcomes; directory: Directory },
): Promise<Entry[]> {
  directory.add(await findCollisions(client, batch.map(toUser)))
  return batch.filter((entry) => {
    const verdict = directory.judge(entry.user)
    if (verdict) outcomes.set(entry, verdict)
    else directory.add([entry.user])
    return !verdict
  })
}

function toUser({ user }: Entry): LegacyUser {
  return user
}
