/**
 * Makes the ids and the first generations of new users. Imported users keep their ids, and the store makes their
 * generations.
 */

/**
 * Makes a user id of the shape of an ObjectId: 4 bytes of time and 8 random bytes, in hex, so that ids sort by time.
 * @param now Unix time in seconds
 */
export function newUserId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(8))
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return now.toString(16).padStart(8, '0') + hex
}

/**
 * Makes a first generation of 31 random bits, as the store does for a row without one. It is made here so that a proof
 * can name it without a second statement.
 */
export function newGeneration(): number {
  return new DataView(crypto.getRandomValues(new Uint8Array(4)).buffer).getUint32(0) >>> 1
}
