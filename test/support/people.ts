/** Makes people whom no other test knows. */
import type * as z from 'zod/mini'
import type { registerRequest } from '../../src/schemas/requests.ts'
import { type CallOptions, post } from './client.ts'

let count = 0

/** Makes a registration that succeeds. */
export function newPerson(): Required<z.input<typeof registerRequest>> {
  const username = `person-${++count}-${crypto.randomUUID().slice(0, 8)}`
  return {
    username,
    password: `correct horse ${username}`,
    firstname: 'Jane',
    lastname: 'Doe',
    email: `${username}@acmefitness.com`,
  }
}

/** Registers a new person. */
export async function registerPerson() {
  const person = newPerson()
  const { status, json } = await post('/register', person)
  if (status !== 201) throw new Error(`the registration got ${status}: ${json.message}`)
  return { ...person, id: json.resourceId as string }
}

/** Registers a new person and logs in. */
export async function logInPerson(settings?: CallOptions['settings']) {
  const person = await registerPerson()
  return { ...person, ...(await logIn(person, settings)) }
}

/** Logs a person in once more. */
export async function logIn(
  { username, password }: { username: string; password: string },
  settings?: CallOptions['settings'],
) {
  const { status, json } = await post('/login', { username, password }, settings ? { settings } : {})
  if (status !== 200) throw new Error(`the login got ${status}: ${json.message}`)
  return { accessToken: json.access_token as string, refreshToken: json.refresh_token as string }
}
