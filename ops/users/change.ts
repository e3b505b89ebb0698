/** The operator's commands that cannot be undone; each asks first. */
import { randomBytes } from 'node:crypto'
import { confirm } from '@clack/prompts'
import { hashPassword } from '../../src/auth/passwords.ts'
import { Refusal } from '../terminal.ts'
import { type Account, deleteAccount, endSessions, replacePassword, requireAccount } from './accounts.ts'
import type { UsersDatabase } from './database.ts'
import { readIterations } from './iterations.ts'
import { printable } from './text.ts'

/** The flag that answers the question beforehand. */
interface Consent {
  yes?: boolean
}

/** Crockford's base 32, which has no letters that look like a digit or like each other. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

const notice = 'Access tokens issued before pass /verify-token until they expire, by default within 5 minutes'

/** Gives a user a new random password, which is the only line on stdout, and ends all sessions. */
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
  console.error(`It stays valid until it is changed: ask ${account.username} to change it at once. ${notice}`)
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

/** Asks on stderr, so that stdout has only the result. */
async function requireConsent(question: string, { yes = false }: Consent): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Refusal(`${question} There is no terminal to ask on: add --yes`)
  }
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr })
  if (answer !== true) throw new Refusal('Nothing has been changed')
}

/** Makes a password of 80 random bits, in four groups that are easy to read out and to type. */
function makePassword(): string {
  const characters = Array.from(randomBytes(16), (byte) => ALPHABET[byte % ALPHABET.length])
  return [0, 4, 8, 12].map((start) => characters.slice(start, start + 4).join('')).join('-')
}
