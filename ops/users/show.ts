/** `npm run users -- show`: prints what is stored of a user, without the password hash. */
import { type Account, requireAccount } from './accounts.ts'
import type { UsersDatabase } from './database.ts'
import { formatCount, printable } from './text.ts'

/** Prints a user. */
export async function showUser({ client }: UsersDatabase, username: string): Promise<number> {
  const account = await requireAccount(client, username)
  const { id, email, firstname, lastname, generation, sessionRows } = account
  const rows = Object.entries({
    id,
    username: account.username,
    email,
    firstname,
    lastname,
    password: describeHash(account),
    generation: String(generation),
    sessions: `${formatCount(sessionRows)} rotated or ended`,
  })
  for (const [name, value] of rows) console.log(`${name.padEnd(10)}  ${printable(value)}`.trimEnd())
  return 0
}

/** Describes the scheme and cost that a stored hash names: see src/auth/passwords.ts. */
function describeHash({ scheme, cost }: Account): string {
  const [, legacy, native] = /^(sha1\(.*\)-)?(pbkdf2-sha256-chain)$/.exec(scheme) ?? []
  const [, perLink, links] = /^i=(\d+),r=(\d+)$/.exec(cost) ?? []
  if (!native || !perLink || !links) return 'in no known form: no password matches it'
  const pbkdf2 = `PBKDF2, ${formatCount(Number(perLink) * Number(links))} iterations`
  return legacy ? `SHA-1 digest of an earlier service, wrapped in ${pbkdf2}` : pbkdf2
}
