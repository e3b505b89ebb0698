/** Tries a verifier with tokens of the service: with as few options as it takes, and with tokens that it should refuse. */
import type { JWTPayload } from 'jose'
import { findFreePort } from '../test/support/process/postgres.ts'
import { AUDIENCE, type Configuration, ISSUER, impersonate, signLike, toPem } from './configurations.ts'
import { type Output, runProgram } from './program.ts'
import { fillIn, listOptions, type Snippet } from './snippet.ts'

/** The result for a good token: it passed with these options, and failed so without them; or it did not pass. */
export type Outcome = { options: string[]; otherwise?: string } | { error: string }

/** The ways of a verifier with tokens that not every service should take, and with the numbers in one. */
export interface Habits {
  /** With the audience of another service, though it was told its own. */
  audience: 'accepted' | 'refused'
  /** From a clock half a minute ahead. */
  ahead: Outcome
  /** Whether it prints `gen` other than it is in the token. */
  floats: boolean
}

/** A token, and the lines of the options that it is tried with. */
interface Attempt {
  token: string
  options: readonly string[]
}

/** A token of the service, and all that a verifier needs for it. */
export interface Stand {
  configuration: Configuration
  token: string
  claims: { sub: string; gen: number }
  /** The address of the service over HTTPS. */
  service: string
  /** The file of the authority behind that. */
  authority: string
  /** The port of the service that a proxy protects. */
  backend: number
}

/** Tries a good token: without options, with all of them and, if those helped, with as few as will do. */
export async function tryToken(snippet: Snippet, stand: Stand, given: Partial<Attempt> = {}): Promise<Outcome> {
  const { token = stand.token, options: needed = [] } = given
  const more = listOptions(snippet, stand.configuration).filter((option) => !needed.includes(option))
  const tryWith = async (options: readonly string[]) =>
    findFault(await run(snippet, stand, { token, options: [...needed, ...options] }), stand)
  const otherwise = await tryWith([])
  if (otherwise === null) return { options: [] }
  const error = more.length > 0 ? await tryWith(more) : otherwise
  if (error !== null) return { error }
  for (const options of listSubsets(more)) if ((await tryWith(options)) === null) return { options, otherwise }
  return { options: more, otherwise }
}

/**
 * Learns a verifier's habits, with all its options. A snippet that refuses a good token then, or takes a forged or an expired
 * one, is no snippet to show.
 */
export async function observe(snippet: Snippet, stand: Stand, needed: readonly string[]): Promise<Habits> {
  const { signer } = stand.configuration
  const options = listOptions(snippet, stand.configuration)
  const sign = (changes: JWTPayload, key = signer) => signLike(stand.token, key, changes)
  const takes = async (token: string) => findFault(await run(snippet, stand, { token, options }), stand) === null

  const good = await run(snippet, stand, { token: stand.token, options })
  if (findFault(good, stand) !== null) throw new Error(`${snippet.name} with all options: ${JSON.stringify(good)}`)
  if (await takes(await sign({}, await impersonate(stand.configuration))))
    throw new Error(`${snippet.name} takes a forged token`)
  if (await takes(await sign(toTimes(-3600)))) throw new Error(`${snippet.name} takes an expired token`)
  return {
    audience: (await takes(await sign({ aud: 'warehouse' }))) ? 'accepted' : 'refused',
    ahead: await tryToken(snippet, stand, { token: await sign(toTimes(30)), options: needed }),
    floats: !JSON.stringify(good).includes(String(stand.claims.gen)),
  }
}

/** The times of a token that was made so many seconds from now. */
function toTimes(seconds: number) {
  const iat = Math.floor(Date.now() / 1000) + seconds
  return { iat, exp: iat + 300 }
}

/** Lists the choices of some options, but none and all, the smallest first. */
function listSubsets(options: readonly string[]): string[][] {
  const choices = Array.from({ length: 2 ** options.length }, (_, bits) => options.filter((_, at) => bits & (1 << at)))
  return choices.slice(1, -1).sort((a, b) => a.length - b.length)
}

/** Says why a token did not pass; null if it did. */
function findFault(output: Output, { claims }: Stand): string | null {
  if ('error' in output) return output.error
  return output.printed.trim().startsWith(claims.sub) ? null : `printed ${output.printed}`
}

async function run(
  snippet: Snippet,
  { configuration, service, authority, backend }: Stand,
  { token, options }: Attempt,
): Promise<Output> {
  const { signer, settings } = configuration
  const port = /\$PORT\b/.test(snippet.text) ? await findFreePort() : undefined
  const values: Record<string, string> = {
    TOKEN: token,
    ALG: signer.alg,
    KID: signer.kid,
    SECRET: settings.ACCESS_TOKEN_KEY ?? '',
    K: String(signer.k),
    SERVICE: service,
    KEY_SET: `${service}/.well-known/jwks.json`,
    ISSUER,
    AUDIENCE,
    PORT: String(port),
    BACKEND: String(backend),
  }
  const text = fillIn(snippet, { situation: configuration, options, values })
  const pem = signer.kty === 'oct' ? '' : toPem(signer)
  const output = await runProgram({ extension: snippet.extension, text, token, port, authority, pem })
  return 'error' in output ? { error: withoutNames(output.error, values) } : output
}

/** An error without what differs from run to run: where things are, and whatever is as long as a key. */
function withoutNames(error: string, { SERVICE = '' }: Record<string, string>): string {
  return error
    .replaceAll(SERVICE, '…')
    .replaceAll(/[\w-]{40,}/g, '…')
    .replace(/^\S+:\d+:in `.*?': /, '')
}
