/**
 * Tells random text from text that is recognisably something else. A public key that is taken for an HMAC secret lets
 * anyone who knows it sign (RFC 8725, section 2.1); a placeholder is known to everybody. No secret may leave this file.
 */

/** What a secret looks like, each with the command that makes a right one. */
export interface Likeness {
  looksLike: string
  instead: string
}

const NEW_SECRET = 'make one with: openssl rand -base64 32'
const CONVERT = 'turn it into a JWK with: npm run -s keys -- convert'

/** The forms that keys and documents come in, whatever is around them. */
const DOCUMENTS: readonly (readonly [RegExp, Likeness])[] = [
  [/-----\s*BEGIN|BEGIN [A-Z ]*KEY/, { looksLike: 'a key in PEM', instead: CONVERT }],
  [
    /(ssh-|ecdsa-sha2-)\S+\s+AAAA|^AAAA[A-Z][23]|AGE-SECRET-KEY|^age1/,
    { looksLike: 'a key of SSH or age', instead: NEW_SECRET },
  ],
  [
    /"kty"/,
    {
      looksLike: 'a JWK in quotes, encoded or with something around it',
      instead: 'give the JSON of the JWK and nothing else',
    },
  ],
  [/^eyJ[\w-]+\.[\w-]+\.[\w-]*$/, { looksLike: 'a token', instead: NEW_SECRET }],
  [/[{}]|%7B%22/i, { looksLike: 'JSON or a template', instead: NEW_SECRET }],
]

/** The forms of a text that stands for a secret, or that came along with one. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^["'`]|["'`]$/, 'a text in quotes'],
  [/\s/, 'a text with white space'],
  [/^\w*(KEY|SECRET|TOKEN)\s*[=:]./, 'a line of a settings file, name and all'],
  [
    /:\/\/|^(arn|vault|ssm|op|env|file|secrets?|keyvault|ref\+\w+|sm|gcp|aws|azure):|^@Microsoft\.|^projects\/|^ENC\[/i,
    'a reference to a secret store',
  ],
  [
    /^\.{0,2}\/(run|etc|var|home|secrets?|mnt|opt|usr|root|tmp)\/[\w./-]+$|^[\w./~-]+\.(pem|key|json|jwk|der|txt)$/i,
    'the path of a file',
  ],
  [/^<[\w .-]+>$|^\[[\w .-]+\]$|^%\w+%$|^\$[({]?[A-Z_]{4,}|^[*x#.-]+$/i, 'a placeholder'],
  [
    /change[-_. ]?(me|this)|replace[-_. ]?(me|this|with)|place[-_. ]?holder|your[-_. ]?(secret|key|token|access|refresh|jwt)|(super|top|very|my)[-_. ]?secret|secret[-_. ]?(key|here|goes)|example|password|insert[-_. ]?(your|secret|key)/i,
    'a placeholder',
  ],
]

const DER: Likeness = { looksLike: 'a key in DER', instead: CONVERT }
const REPETITIVE: Likeness = { looksLike: 'a few characters again and again', instead: NEW_SECRET }
const PRINTABLE = /^[\t\n\r -~]+$/
/** The fewest different characters that random text of 32 bytes has, with next to no exception. */
const MIN_DIFFERENT = 8
/** The shortest DER of a key: Ed25519, public. */
const MIN_DER_BYTES = 44
const SEQUENCE = 0x30
const INTEGER = 0x02
/** A secret store may encode what somebody has encoded already. */
const MAX_ENCODINGS = 2

/** Names what the bytes of a secret look like; null where nothing speaks against them. */
export function recogniseBytes(bytes: Uint8Array): Likeness | null {
  const text = String.fromCharCode(...bytes)
  if (PRINTABLE.test(text)) return recognise(text)
  if (isDer(bytes)) return DER
  return isRepetitive(text) ? REPETITIVE : null
}

/** Names what a secret looks like and what to do instead; null where nothing speaks against it. */
export function recognise(secret: string): Likeness | null {
  const document = findDocument(secret, MAX_ENCODINGS)
  if (document) return document
  const [, looksLike] = PLACEHOLDERS.find(([form]) => form.test(secret)) ?? []
  if (looksLike) return { looksLike, instead: NEW_SECRET }
  return isRepetitive(secret) ? REPETITIVE : null
}

function findDocument(text: string, encodings: number): Likeness | null {
  const [, likeness] = DOCUMENTS.find(([form]) => form.test(text)) ?? []
  if (likeness) return likeness
  const bytes = encodings > 0 ? decode(text) : null
  if (!bytes) return null
  if (isDer(bytes)) return DER
  const inner = String.fromCharCode(...bytes)
  return PRINTABLE.test(inner) ? findDocument(inner.trim(), encodings - 1) : null
}

/** Decodes hex, base64 and base64url, with padding or without; null for anything else. */
function decode(text: string): Uint8Array | null {
  if (/^([\da-f]{2})+$/i.test(text)) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  }
  const joined = text.replace(/\s/g, '').replace(/=+$/, '')
  if (!/^[\w+/-]+$/.test(joined) || joined.length % 4 === 1) return null
  const binary = atob(joined.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** Whether bytes are one ASN.1 sequence that begins as keys and certificates do (X.690, section 8.1). */
function isDer(bytes: Uint8Array): boolean {
  const [tag, first = 0] = bytes
  if (tag !== SEQUENCE || bytes.length < MIN_DER_BYTES) return false
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  const stated = lengthBytes === 0 ? first : bytes.slice(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0)
  const content = 2 + lengthBytes
  return content + stated === bytes.length && [SEQUENCE, INTEGER].includes(bytes[content] ?? 0)
}

/** Whether a text has few characters, one part again and again, or characters in the order of the alphabet. */
function isRepetitive(text: string): boolean {
  const characters = [...text]
  if (new Set(characters).size < MIN_DIFFERENT) return true
  const period = characters.findIndex(
    (_, shift) => shift > 0 && characters.slice(shift).every((c, at) => c === characters[at]),
  )
  if (period > 0 && period <= characters.length / 2) return true
  const steps = characters
    .slice(1)
    .filter((c, at) => Math.abs((c.codePointAt(0) ?? 0) - (characters[at]?.codePointAt(0) ?? 0)) === 1)
  return steps.length > characters.length / 2
}
