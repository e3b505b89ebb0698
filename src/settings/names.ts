/** Names that are nearly those of settings: a misspelt setting would be ignored, and leave its door open. */
import { distance } from 'fastest-levenshtein'

/** In letters, whatever their case. */
const NEAR = 2

/** A name in an environment that is no setting's, and the one that it is near to; null where it is near to none. */
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
