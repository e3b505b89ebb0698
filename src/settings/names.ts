/** Finds misspelt settings. The Worker would ignore one, and leave open what it was meant to close. */
import { distance } from 'fastest-levenshtein'

/** The most letters in which a misspelt name differs from that of a setting, ignoring case. */
const NEAR = 2

/** A name that no setting has, and the setting that it resembles; null where it resembles none. */
export interface UnknownName {
  name: string
  near: string | null
}

/** Lists the names that are not among the known ones. */
export function findUnknownNames(names: readonly string[], known: readonly string[]): UnknownName[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, near: known.find((other) => distance(name.toUpperCase(), other) <= NEAR) ?? null }))
}
