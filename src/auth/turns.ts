/**
 * Turns of the isolate. A chain of PBKDF2 links would hold the isolate for as long as a login takes, so it waits for a
 * slot between two links, and other requests run. Slots follow each other at a fixed spacing: chains that wake together
 * compute together, and a token check would wait for all of them.
 */

/** How far apart slots are, in ms. Less than a link takes, so that a chain that is alone does not wait. */
const SPACING_MS = 5

let nextSlotAt = 0

/**
 * Waits for a free slot; awaited between two links. Only a timer leaves the isolate to other requests, a promise does not.
 * No request waits for another's promise: one that is cancelled leaves only its reserved slot behind.
 */
export async function takeTurn(): Promise<void> {
  let slotAt: number
  do {
    const now = Date.now()
    slotAt = Math.max(now, nextSlotAt)
    nextSlotAt = slotAt + SPACING_MS
    await new Promise((resolve) => setTimeout(resolve, slotAt - now))
    // A slot that has passed meanwhile is missed: to use it would be to compute right behind another chain.
  } while (Date.now() - slotAt > SPACING_MS)
}
