/** Messages as the simulation of the binding keeps them: files of this project, whichever process runs the Worker. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitUntil } from './dev-server.ts'

const root = join(import.meta.dirname, '../../..')

/** Settings with which mail is on. */
export const mailSettings = {
  MAIL_FROM: 'ACME Fitness <users@acmefitness.example>',
  MAIL_LINK: 'https://shop.acmefitness.example/account',
}

/** The proof that was sent to an address that nobody else has ever had, once it is there. */
export async function readProof(purpose: 'password-reset' | 'email-verification', email: string): Promise<string> {
  const find = () => findProofs(purpose).find((proof) => readClaims(proof).email === email)
  await waitUntil(
    () => find() !== undefined,
    () => `no proof was sent to ${email}`,
  )
  return find() ?? ''
}

function findProofs(purpose: string): string[] {
  return globSync('.wrangler/tmp/email/*/email-text/*.txt', { cwd: root }).flatMap((path) => {
    const [, token] = new RegExp(`#${purpose}=(\\S+)$`, 'm').exec(readFileSync(join(root, path), 'utf8')) ?? []
    return token === undefined ? [] : [token]
  })
}

function readClaims(token: string): { email?: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
