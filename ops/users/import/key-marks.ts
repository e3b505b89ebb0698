/** Remembers which group of users has a key, in some five bytes a key. A map of strings takes over a hundred. */

const MIN_KEYS = 2 ** 16
/** In a fuller table too many slots would have to be tried for a key. */
const MAX_LOAD = 0.75

/** The greatest number of a group: an entry has 16 bits of the key's hash, and 16 for the group. */
export const MAX_GROUP = 0xffff

/** Maps keys to groups, numbered from 1. It may name a group too many for a key, but misses none. */
export class KeyMarks {
  #tables: [Uint32Array, ...Uint32Array[]]
  /** How many marks the last table may still take. */
  #room: number

  /** @param keys how many are likely to be added */
  constructor(keys: number) {
    this.#room = Math.max(Math.ceil(keys), MIN_KEYS)
    this.#tables = [new Uint32Array(this.#room / MAX_LOAD)]
  }

  /** Adds a key to a group. */
  add(key: string, group: number): void {
    if (this.#room === 0) this.#grow()
    this.#room--
    const hash = hashKey(key)
    const table = this.#tables.at(-1) ?? this.#tables[0]
    let slot = findFirstSlot(table, hash)
    while (table[slot] !== 0) slot = (slot + 1) % table.length
    table[slot] = toMark(hash) * (MAX_GROUP + 1) + group
  }

  /** Adds the groups that may have a key to `groups`. */
  collect(key: string, groups: Set<number>): void {
    const hash = hashKey(key)
    for (const table of this.#tables) {
      for (let slot = findFirstSlot(table, hash); table[slot] !== 0; slot = (slot + 1) % table.length) {
        const entry = table[slot] ?? 0
        if (entry >>> 16 === toMark(hash)) groups.add(entry & MAX_GROUP)
      }
    }
  }

  #grow(): void {
    const slots = Math.ceil(this.#tables.reduce((sum, { length }) => sum + length, 0) / 2)
    this.#tables.push(new Uint32Array(slots))
    this.#room = Math.floor(slots * MAX_LOAD)
  }
}

function findFirstSlot({ length }: Uint32Array, hash: number): number {
  return Math.floor((hash / 2 ** 48) * length)
}

/** The last bits of the hash, since its first ones choose the slot. */
function toMark(hash: number): number {
  return hash % 2 ** 16
}

/** 48 bits: two FNV-1a hashes, mixed so that each character moves all of them. */
function hashKey(key: string): number {
  let [first, second] = [0x811c9dc5, 0x9e3779b9]
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at)
    first = Math.imul(first ^ code, 0x01000193)
    second = Math.imul(second ^ code, 0x85ebca6b)
  }
  first = Math.imul(first ^ (first >>> 16), 0xc2b2ae35)
  second = Math.imul(second ^ (second >>> 15), 0x27d4eb2f)
  return ((first ^ (first >>> 13)) >>> 0) * 2 ** 16 + ((second ^ (second >>> 16)) & 0xffff)
}
