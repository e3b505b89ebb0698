/** Makes the ids of new users. Imported users keep theirs. */

/**
 * Makes a user id of the shape of an ObjectId: 4 bytes of time and 8 random bytes, in hex, so that ids sort by time.
 * @param now Unix time in seconds
 */
export function newUserId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(8))
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return now.toString(16).padStart(8, '0') + hex
}
