/** Who has which id, user name and email address: the database's unique constraints, asked before a password is hashed. */
import type { User } from '../../../src/schemas/responses.ts'

/** What an id, a user name or an email address that is taken means for a user: there just as given, or a reason to skip. */
export type Verdict = 'already there' | { reason: string }

/** What is known of the users whom others could collide with. */
export interface Directory {
  add(users: User[]): void
  /** Null where nobody is in the way. */
  judge(user: User): Verdict | null
}

/** Makes one that knows nobody yet. */
export function createDirectory(): Directory {
  const byId = new Map<string, User>()
  const byUsername = new Map<string, User>()
  const byEmail = new Map<string, User>()
  return {
    add(users) {
      for (const user of users) {
        byId.set(user.id, user)
        byUsername.set(user.username.toLowerCase(), user)
        byEmail.set(user.email.toLowerCase(), user)
      }
    },
    judge(user) {
      const same = byId.get(user.id)
      if (same) return judgeSame(user, same)
      const namesake = byUsername.get(user.username.toLowerCase())
      if (namesake) return { reason: `Username is already taken, by ${namesake.id}` }
      const sharer = byEmail.get(user.email.toLowerCase())
      return sharer ? { reason: `Email is already taken, by ${sharer.id}` } : null
    },
  }
}

function judgeSame(user: User, same: User): Verdict {
  const fields = ['username', 'email', 'firstname', 'lastname'] as const
  const different = fields.filter((field) => user[field] !== same[field])
  return different.length === 0
    ? 'already there'
    : { reason: `Id is already taken, by a user with another ${different.join(' and ')}` }
}
