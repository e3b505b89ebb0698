/** Makes people whom no other test knows, for the tests that drive processes. */
import { randomUUID } from 'node:crypto'
import type * as z from 'zod/mini'
import type { registerRequest } from '../../../src/schemas/requests.ts'
import type { Calls } from './service.ts'

/** Makes a registration that succeeds. */
export function newPerson(username: string = randomUUID()): Required<z.input<typeof registerRequest>> {
  const email = `${username}@acmefitness.com`
  return { username, password: 'correct horse battery', firstname: 'Jane', lastname: 'Doe', email }
}

/**
 * Registers a person of whom no other test knows, and logs in.
 * @param service the service that is called
 */
export async function logInPerson(service: Calls) {
  const person = newPerson()
  const { status, json } = await service.post('/register', person)
  if (status !== 201) throw new Error(`the registration got ${status}: ${json.message}`)
  const login = await service.post('/login', person)
  if (login.status !== 200) throw new Error(`the login got ${login.status}: ${login.json.message}`)
  const { access_token, refresh_token } = login.json
  return { ...person, id: String(json.resourceId), token: String(access_token), refresh_token: String(refresh_token) }
}

/** A person with a session. */
export type LoggedIn = Awaited<ReturnType<typeof logInPerson>>
