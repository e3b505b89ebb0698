/** The cost of the hashes that the commands make. */
import { PASSWORD_ITERATIONS } from '../../src/config.ts'
import { Refusal } from '../terminal.ts'
import { formatCount } from './text.ts'

/** Returns the PBKDF2 iterations in all: the flag's, or else those of `PBKDF2_ITERATIONS`, or else the recommended. */
export function readIterations(flag: string | undefined): number {
  const { min, max, recommended } = PASSWORD_ITERATIONS
  const name = flag === undefined ? 'PBKDF2_ITERATIONS' : '--iterations'
  const iterations = Number(flag ?? (process.env.PBKDF2_ITERATIONS || recommended))
  if (Number.isInteger(iterations) && iterations >= min && iterations <= max) return iterations
  throw new Refusal(`${name} takes a whole number from ${formatCount(min)} to ${formatCount(max)}`)
}
