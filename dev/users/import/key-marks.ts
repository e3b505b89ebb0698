/** Where keys have been seen: some five bytes for each, while a map of strings takes over a hundred. */

const MIN_KEYS = 2 ** 16
/** In a fuller table the way from a key's first slot to its own gets long. */
const MAX_LOAD = 0.75

/** The greatest number of a group: a mark has sixteen bits of its key, and sixteen for this. */
export const MAX_GROUP = 0xffff

/** Marks of keys, each with the number of a group from 1 on. A key can be taken for another, but none is missed. */
export class KeyMarks {
  #tables: [Uint32Array, ...Uint32Array[]]
  /** How many marks the last table may still take. */
  #room: number

  /** @param keys how many are likely to be added */
  constructor(keys: number) {
    this.#room = Math.max(Math.ceil(keys), MIN_KEYS)
    this.#tables = [new Uint32Array(this.#room / MAX_LOAD)]
  }

  /** Marks a key. */
  add(key: string, group: number): void {
    if (this.#room === 0) this.#grow()
    this.#room--
    const hash = hashKey(key)
    const table = this.#tables.at(-1) ?? this.#tables[0]
    let slot = findFirstSlot(table, hash)
    while (table[slot] !== 0) slot = (slot + 1) % table.length
    table[slot] = toMark(hash) * (MAX_GROUP + 1) + group
  }

  /** Collects the groups that a key may have been marked in. */
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

/** Of the hash the end, where its beginning is the slot. */
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
