/**
 * The forms in which hashes of passwords are stored. A hash that was imported as a password would open the account to
 * everybody who has seen it. A password that only looks like a hash is refused too: its owner must register again.
 */

/** Hashes with a mark that names their algorithm. */
const MARKED: [RegExp, string][] = [
  [/\$2[abxy]?\$\d\d?\$|\$bcrypt-sha256\$|^bcrypt(?:_sha256)?\$/, 'a bcrypt hash'],
  [/\bargon2(?:id|i|d)?\$/i, 'an argon2 hash'],
  [/\bscrypt(?:\$|:\d)|^\$7\$[./\w]{11}|^\$s[01]\$|^c2NyeXB0A/i, 'a scrypt hash'],
  [/pbkdf2[\w-]*[$:.({}@]|^\{pkcs5s2\}|^\$p5k2\$|^sha(?:1|256|512):\d+:/i, 'a PBKDF2 hash'],
  [/^A[A-P][\w+/]{64}==$|^AQAAAA[AEI][\w+/]{40,}={0,2}$/, 'a hash of ASP.NET Identity'],
  [
    /^\{(?:[\w-]+-)?(?:x-issha|s?sha|s?md[45]|\w*crypt|argon2\w*|scram|lanman|lm|nt)(?:[-@.,\d][^{}]*)?\}/i,
    'a hash of a directory (LDAP)',
  ],
  [/^U?\$[PHS]\$[./\w]{20,}$/, 'a phpass or Drupal hash'],
  [/^\*[0-9a-f]{40}$|^\$A\$\d{3}\$/i, 'a MySQL hash'],
  [/^md5[0-9a-f]{32}$|^SCRAM-SHA-\d+\$/i, 'a PostgreSQL hash'],
  [/^\$[a-z0-9][\w,=()-]{0,31}\$[\w./+=,:$-]{16,}$|^_[./\w]{3}\.[./\w]{15}$/i, 'a crypt hash'],
  [/^!\w{40}$/, "Django's mark of a password that cannot be used"],
]

/** Digests by the number of their bytes. */
const DIGESTS: Record<number, string> = {
  16: 'an MD5 digest',
  20: 'a SHA-1 digest',
  28: 'a SHA-224 digest',
  32: 'a SHA-256 digest',
  48: 'a SHA-384 digest',
  64: 'a SHA-512 digest',
}

/** Sixteen bytes or more in hex, alone or beside a salt. Digits or letters alone are no digest. */
const HEX = /(?<![0-9a-z])(?:0?x)?(?=\d*[a-f])(?=[a-f]*\d)((?:[0-9a-f]{2}){16,})(?![0-9a-z])/i
const SPACED_HEX = /^[0-9a-f]{2}(?:[: -][0-9a-f]{2}){15,}$/i
const PADDED_BASE64 = /^(?=.{24,}$)(?:[\w+/-]{4})*[\w+/-]{2,3}={1,2}$/
/** Without padding, base64 looks like a long password: only mixed text that is as long as a digest is taken for one. */
const MIXED_BASE64 = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/-]+$/
/** The letters of 20, 28, 32, 48 and 64 bytes, and of 36 and 72: a digest behind its salt. */
const BARE_LENGTHS = [27, 38, 43, 48, 64, 86, 96]
const NOT_BASE64 = /[^\w+/=-]+/

/** Names the form of a stored hash, with its article; undefined for what can be a password. */
export function nameHashForm(text: string): string | undefined {
  const stored = text.replace(/^[\s"']+|[\s"']+$/g, '')
  return MARKED.find(([mark]) => mark.test(stored))?.[1] ?? nameHex(stored) ?? nameBase64(stored)
}

function nameHex(stored: string): string | undefined {
  const digits = SPACED_HEX.test(stored) ? stored.replace(/[: -]/g, '') : HEX.exec(stored)?.[1]
  return digits && `${nameDigest(digits.length / 2)} in hex`
}

function nameBase64(stored: string): string | undefined {
  const digest = stored.split(NOT_BASE64).find(isBase64)
  return digest && `${nameDigest(Math.floor((digest.replace(/=+$/, '').length * 3) / 4))} in base64`
}

function isBase64(part: string): boolean {
  return PADDED_BASE64.test(part) || (BARE_LENGTHS.includes(part.length) && MIXED_BASE64.test(part))
}

function nameDigest(bytes: number): string {
  return DIGESTS[bytes] ?? 'a digest'
}
