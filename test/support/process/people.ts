/** Makes people whom no other test knows, for the tests that drive processes. */
import { randomUUID } from 'node:crypto'
import type * as z from 'zod/mini'
import type { registerRequest } from '../../../src/schemas/requests.ts'

/** Makes a registration that succeeds. */
export function newPerson(username: string = randomUUID()): Required<z.input<typeof registerRequest>> {
  const email = `${username}@acmefitness.com`
  return { username, password: 'correct horse battery', firstname: 'Jane', lastname: 'Doe', email }
}
