/**
 * Shares the isolate between requests. A chain of PBKDF2 links would hold the isolate for as long as a login takes, so
 * it waits for a slot between two links while other requests run. Slots have a fixed spacing, because a token check
 * would have to wait for all chains that wake at the same time.
 */

/** The time between two slots. It is shorter than a link, so that a lone chain does not wait. */
const SPACING_MS = 5

let nextSlotAt = 0

/**
 * Waits for a free slot. Call it between two links. It waits for a timer, because a promise alone does not let other
 * requests run. No request waits for another's promise, so a cancelled request leaves only its reserved slot behind.
 */
export async function takeTurn(): Promise<void> {
  let slotAt: number
  do {
    const now = Date.now()
    slotAt = Math.max(now, nextSlotAt)
    nextSlotAt = slotAt + SPACING_MS
    await new Promise((resolve) => setTimeout(resolve, slotAt - now))
    // If the timer was so late that the slot has passed, take another: this one would run right behind another chain.
  } while (Date.now() - slotAt > SPACING_MS)
}
