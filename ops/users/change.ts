/** The operator's commands that cannot be undone; each asks first. */
import { randomBytes } from 'node:crypto'
import { confirm } from '@clack/prompts'
import { hashPassword } from '../../src/auth/passwords.ts'
import { Refusal } from '../terminal.ts'
import { type Account, deleteAccount, endSessions, replacePassword, requireAccount } from './accounts.ts'
import type { UsersDatabase } from './database.ts'
import { readIterations } from './iterations.ts'
import { printable } from './text.ts'

/** How to answer where nobody can be asked. */
interface Consent {
  yes?: boolean
}

/** Base 32 as Crockford writes it: no letter that is taken for a digit or another. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

const notice = 'Access tokens that are out pass /verify-token until they expire, 5 minutes at most by default'

/** Prints a new random password, the only line on stdout, and ends all sessions. */
export async function resetPassword(
  database: UsersDatabase,
  username: string,
  { iterations, ...consent }: Consent & { iterations?: string },
): Promise<number> {
  const cost = readIterations(iterations)
  const account = await requireAccount(database.client, username)
  await requireConsent(`Give ${describe(account, database)} a new password and end all sessions?`, consent)
  const password = makePassword()
  await replacePassword(database.client, account, await hashPassword(password, cost))
  console.error(`All sessions of ${account.username} have ended. The new password is shown this once:`)
  console.log(password)
  console.error(`It is good until it is changed: let ${account.username} do that at once. ${notice}`)
  return 0
}

/** Logs a user out everywhere. */
export async function endUserSessions(database: UsersDatabase, username: string, consent: Consent): Promise<number> {
  const account = await requireAccount(database.client, username)
  await requireConsent(`End all sessions of ${describe(account, database)}?`, consent)
  await endSessions(database.client, account)
  console.log(`All sessions of ${account.username} have ended. ${notice}`)
  return 0
}

/** Deletes a user. */
export async function deleteUser(database: UsersDatabase, username: string, consent: Consent): Promise<number> {
  const account = await requireAccount(database.client, username)
  await requireConsent(`Delete ${describe(account, database)}?`, consent)
  await deleteAccount(database.client, account)
  console.log(`${account.username} is deleted. ${notice}`)
  return 0
}

function describe({ username, email, id }: Account, { place }: UsersDatabase): string {
  return printable(`${username} (${email}, ${id}) in the database ${place}`)
}

/** On stderr, so that stdout holds nothing but what was asked for. */
async function requireConsent(question: string, { yes = false }: Consent): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Refusal(`${question} There is no terminal to ask at: say --yes`)
  }
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr })
  if (answer !== true) throw new Refusal('Nothing has been changed')
}

/** 80 random bits in four groups, easy to read out and to type. */
function makePassword(): string {
  const characters = Array.from(randomBytes(16), (byte) => ALPHABET[byte % ALPHABET.length])
  return [0, 4, 8, 12].map((start) => characters.slice(start, start + 4).join('')).join('-')
}
