/**
 * Recognises text that is no random secret. A public key that is taken for an HMAC secret lets anyone who knows it sign
 * (RFC 8725, section 2.1), and a placeholder is known to everybody. No secret may leave this file.
 */

/** The kind of text that a secret looks like, and what to do instead. Neither repeats the secret. */
export interface Likeness {
  looksLike: string
  instead: string
}

const NEW_SECRET = 'make one with: openssl rand -base64 32'
const CONVERT = 'turn it into a JWK with: npm run -s keys -- convert'

/** Patterns of keys and documents, anywhere in a text. */
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

/** Patterns of text that stands for a secret, or that was copied along with one. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^["'`]|["'`]$/, 'a text in quotes'],
  [/\s/, 'a text with white space'],
  [/^\w*(KEY|SECRET|TOKEN)\s*[=:]./, 'a line of a settings file, name and all'],
  [
    /:\/\/|^(arn|vault|ssm|op|env|file|secrets?|keyvault|ref\+\w+|sm|gcp|aws|azure):|^@Microsoft\.|^projects\/|^ENC\[/i,
    'a reference to a secret store',
  ],
  [/^\.{0,2}\/(run|etc|var|home|secrets?|mnt|opt|usr|root|tmp)\/[\w./-]+$/, 'the path of a file'],
  [/^[\w./~-]+\.(pem|key|json|jwk|der|txt)$/i, 'the path of a file'],
  [/^<[\w .-]+>$|^\[[\w .-]+\]$|^%\w+%$|^\$[({]?[A-Z_]{4,}|^[*x#.-]+$/i, 'a placeholder'],
  [
    /change[-_. ]?(me|this)|replace[-_. ]?(me|this|with)|place[-_. ]?holder|your[-_. ]?(secret|key|token|access|refresh|jwt)|(super|top|very|my)[-_. ]?secret|secret[-_. ]?(key|here|goes)|example|password|insert[-_. ]?(your|secret|key)/i,
    'a placeholder',
  ],
]

const DER: Likeness = { looksLike: 'a key in DER', instead: CONVERT }
const REPETITIVE: Likeness = { looksLike: 'a few characters again and again', instead: NEW_SECRET }
const PRINTABLE = /^[\t\n\r -~]+$/
/** Random text of 32 bytes has at least as many different characters, with next to no exception. */
const MIN_DIFFERENT = 8
/** The shortest DER of a key: Ed25519, public. */
const MIN_DER_BYTES = 44
const SEQUENCE = 0x30
/** Of the elements of keys and certificates: integer, bit string, octet string, sequence, and the optional [0] and [1]. */
const KEY_TAGS = [0x02, 0x03, 0x04, SEQUENCE, 0xa0, 0xa1]
/** How many encodings are undone: a secret store may encode a text that was encoded already. */
const MAX_ENCODINGS = 2

/** Says what the bytes of a secret look like; null where they may be random. */
export function recogniseBytes(bytes: Uint8Array): Likeness | null {
  const text = String.fromCharCode(...bytes)
  if (PRINTABLE.test(text)) return recognise(text)
  if (isDer(bytes)) return DER
  return isRepetitive(text) ? REPETITIVE : null
}

/** Says what a text secret looks like; null where it may be random. */
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

/**
 * Says whether bytes are one ASN.1 sequence of at least two elements, as keys and certificates are. Random bytes may begin
 * like one, but hardly ever go on like one to the last byte.
 */
function isDer(bytes: Uint8Array): boolean {
  const sequence = readElement(bytes, 0)
  if (sequence?.tag !== SEQUENCE || sequence.end !== bytes.length || bytes.length < MIN_DER_BYTES) return false
  let elements = 0
  for (let at = sequence.content; at < sequence.end; elements++) {
    const element = readElement(bytes, at)
    if (!element || !KEY_TAGS.includes(element.tag)) return false
    at = element.end
  }
  return elements >= 2
}

/** Reads the head of the ASN.1 element at an index (X.690, section 8.1); null if the element has no end within the bytes. */
function readElement(bytes: Uint8Array, at: number): { tag: number; content: number; end: number } | null {
  const [tag = 0, first = 0] = bytes.subarray(at)
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  const content = at + 2 + lengthBytes
  const length = lengthBytes === 0 ? first : bytes.subarray(at + 2, content).reduce((sum, byte) => sum * 256 + byte, 0)
  return content + length > bytes.length ? null : { tag, content, end: content + length }
}

/** Says whether a text has few different characters, repeats one part, or follows the alphabet. */
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
