/** Knows who has which id, user name and email address, to check the unique constraints before a password is hashed. */
import type { User } from '../../../src/schemas/responses.ts'

/** The result for a user whose id, user name or email is taken: the same user is there already, or a reason to skip. */
export type Verdict = 'already there' | { reason: string }

/** The users with whom others could collide. */
export interface Directory {
  add(users: User[]): void
  /** Returns null if the user collides with nobody. */
  judge(user: User): Verdict | null
}

/** Makes an empty directory. */
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
