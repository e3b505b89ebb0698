/** The ids of users; whoever is imported kept theirs. */

/** Makes a user id of an ObjectId's shape: 4 bytes of Unix seconds, 8 random ones, in hex, so that ids sort by time. */
export function newUserId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(8))
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return now.toString(16).padStart(8, '0') + hex
}
