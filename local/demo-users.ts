/** The six users of the ACME shop's demo. Their password is public, so they belong on this machine only. */
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { hashPassword } from '../src/auth/passwords.ts'
import { users } from '../src/db/schema.ts'

const password = 'vmware1!'

const people = [
  ['5c61ed848d891bd9e8016898', 'Walter', 'White'],
  ['5c61ed848d891bd9e8016899', 'Dwight', 'Schrute'],
  ['5c61ed848d891bd9e801689a', 'Eric', 'Cartman'],
  ['5c61ed848d891bd9e801689b', 'Han', 'Solo'],
  ['5c61ed848d891bd9e801689c', 'Phoebe', 'Buffay'],
  ['5c61ed848d891bd9e801689d', 'Elaine', 'Benes'],
] as const

/** Inserts the demo users, hashed with that many PBKDF2 iterations, unless the table has any user already. */
export async function seedDemoUsers(db: NodePgDatabase, iterations: number): Promise<void> {
  if ((await db.$count(users)) > 0) return
  const rows = people.map(async ([id, firstname, lastname]) => {
    const username = firstname.toLowerCase()
    const passwordHash = await hashPassword(password, iterations)
    return { id, username, email: `${username}@acmefitness.com`, firstname, lastname, passwordHash }
  })
  await db
    .insert(users)
    .values(await Promise.all(rows))
    .onConflictDoNothing()
}
