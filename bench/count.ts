/** A count on the command line. */
import { InvalidArgumentError } from 'commander'

/** Reads a flag's value. */
export function toCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.')
  return count
}
