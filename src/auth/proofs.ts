/**
 * Signs and verifies proofs: tokens that reach a person by mail only, so whoever has one reads that mailbox. A proof
 * names what it changes as it was, so using it spends it. No proof may ever reach an error's message or the log.
 */
import * as z from 'zod/mini'
import type { TokenKinds } from './keys.ts'
import { sign, verify } from './tokens.ts'

const sharedClaims = {
  /** The user id. */
  sub: z.string(),
  /** The user's generation when the proof was asked for. */
  gen: z.int(),
  /** The address that the proof was sent to. */
  email: z.string(),
}

const resetProof = z.object({
  purpose: z.literal('password-reset'),
  ...sharedClaims,
  /** A new password is compared with it. It never changes, so no statement need read it. */
  username: z.string(),
})

const emailProof = z.object({
  purpose: z.literal('email-verification'),
  ...sharedClaims,
  /** The account's address when the proof was asked for; another one than `email` where that is to replace it. */
  current_email: z.string(),
  /** When that address had been verified, in Unix milliseconds; null where it had not. */
  verified_at: z.nullable(z.int()),
})

/** The claims of a proof that sets a new password. */
export type ResetProof = z.infer<typeof resetProof>
/** The claims of a proof that verifies an email. */
export type EmailProof = z.infer<typeof emailProof>

/**
 * Signs a proof.
 * @param now Unix time in seconds
 */
export function signProof({ proof }: TokenKinds, claims: ResetProof | EmailProof, now: number): Promise<string> {
  return sign(proof, { ...claims, iat: now, exp: now + proof.seconds })
}

/**
 * Verifies a proof that sets a new password.
 * @param now Unix time in seconds
 * @returns its claims; null for anything expired, forged, malformed, or of another kind or purpose
 */
export async function verifyResetProof({ proof }: TokenKinds, token: string, now: number): Promise<ResetProof | null> {
  return resetProof.safeParse(await verify(proof, token, { now })).data ?? null
}

/**
 * Verifies a proof that verifies an email.
 * @param now Unix time in seconds
 * @returns its claims; null for anything expired, forged, malformed, or of another kind or purpose
 */
export async function verifyEmailProof({ proof }: TokenKinds, token: string, now: number): Promise<EmailProof | null> {
  return emailProof.safeParse(await verify(proof, token, { now })).data ?? null
}
