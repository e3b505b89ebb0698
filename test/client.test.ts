/** Hono's typed client on every route. `npm run check` checks the types that it infers, and this run the answers. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { AppType } from 'acme-user-service'
import { hc, type InferRequestType, parseResponse } from 'hono/client'
import { expect, expectTypeOf, test } from 'vitest'
import worker from '../src/index.ts'
import type * as responses from '../src/schemas/responses.ts'
import { openMail } from './support/mail.ts'
import { newPerson } from './support/people.ts'

const mail = openMail()
const context = createExecutionContext()

const client = hc<AppType>('https://user.example', {
  fetch: (input: RequestInfo | URL, init?: RequestInit) =>
    worker.fetch(
      new Request<unknown, IncomingRequestCfProperties>(new Request(input, init)),
      { ...env, ...mail.settings },
      context,
    ),
})
const user = client.users[':id']

test('every route takes its body and gives its answer as typed', async () => {
  const person = newPerson()
  const { username, password } = person
  const logIn = () => parseResponse(client.login.$post({ json: { username, password } }))

  const registered = await parseResponse(client.register.$post({ json: person }))
  expectTypeOf(registered).toEqualTypeOf<responses.RegisterResponse>()
  const param = { id: registered.resourceId }

  const { access_token, refresh_token, status } = await logIn()
  expectTypeOf({ access_token, refresh_token, status }).toEqualTypeOf<responses.TokensResponse>()
  const bearer = { headers: { Authorization: `Bearer ${access_token}` } }

  const verified = await parseResponse(client['verify-token'].$post({ json: { access_token } }))
  expectTypeOf(verified).toEqualTypeOf<responses.VerifyTokenResponse>()
  const refreshed = await parseResponse(client['refresh-token'].$post({ json: { refresh_token } }))
  expectTypeOf(refreshed).toEqualTypeOf<responses.TokensResponse>()

  const list = await parseResponse(client.users.$get({ query: {} }))
  expectTypeOf(list.data).toEqualTypeOf<responses.User[]>()
  expectTypeOf(list.next).toEqualTypeOf<string | null | undefined>()
  const page = await parseResponse(client.users.$get({ query: { limit: '1', after: list.data[0]?.id } }))
  expect(page.data).toEqual(list.data.slice(1, 2))
  const found = await parseResponse(user.$get({ param }))
  expectTypeOf(found).toEqualTypeOf<responses.UserResponse>()

  const updated = await parseResponse(user.$patch({ param, json: { firstname: 'Janet' } }, bearer))
  expectTypeOf(updated).toEqualTypeOf<responses.UserResponse>()
  expect(updated.data).toEqual({ ...found.data, firstname: 'Janet' })

  const loggedOut = await parseResponse(client.logout.$post({ json: { refresh_token } }))
  expectTypeOf(loggedOut).toEqualTypeOf<responses.LogoutResponse>()
  const { access_token: second } = await logIn()
  const everywhere = await parseResponse(
    user.logout.$post({ param }, { headers: { Authorization: `Bearer ${second}` } }),
  )
  expectTypeOf(everywhere).toEqualTypeOf<responses.LogoutResponse>()

  const { access_token: third } = await logIn()
  const change = { current_password: password, new_password: `another ${password}` }
  const changed = await parseResponse(
    user.password.$put({ param, json: change }, { headers: { Authorization: `Bearer ${third}` } }),
  )
  expectTypeOf(changed).toEqualTypeOf<responses.TokensResponse>()
  const deleted = await parseResponse(
    user.$delete(
      { param, json: { password: change.new_password } },
      { headers: { Authorization: `Bearer ${changed.access_token}` } },
    ),
  )
  expectTypeOf(deleted).toEqualTypeOf<responses.DeleteUserResponse>()

  expectTypeOf(await parseResponse(client.health.$get())).toEqualTypeOf<responses.HealthResponse>()
  expectTypeOf(await parseResponse(client.health.ready.$get())).toEqualTypeOf<responses.HealthResponse>()
  const { keys } = await parseResponse(client['.well-known']['jwks.json'].$get())
  expectTypeOf<(typeof keys)[number]['kid']>().toEqualTypeOf<string>()
})

test('the calls by mail take their bodies and give their answers as typed', async () => {
  const person = newPerson()
  const { resourceId: id } = await parseResponse(client.register.$post({ json: person }))
  const asked = await parseResponse(client['password-reset'].$post({ json: { email: person.email } }))
  expectTypeOf(asked).toEqualTypeOf<responses.AskResetResponse>()
  await waitOnExecutionContext(context)
  const json = { token: mail.readProof(person.email), new_password: 'a forgotten horse battery' }
  const reset = await parseResponse(client['password-reset'].$put({ json }))
  expectTypeOf(reset).toEqualTypeOf<responses.TokensResponse>()
  const bearer = { headers: { Authorization: `Bearer ${reset.access_token}` } }
  const askedAgain = await parseResponse(user['email-verification'].$post({ param: { id } }, bearer))
  expectTypeOf(askedAgain).toEqualTypeOf<responses.AskVerificationResponse>()
  await waitOnExecutionContext(context)
  const verified = await parseResponse(
    client['email-verification'].$put({ json: { token: mail.readProof(person.email) } }),
  )
  expectTypeOf(verified).toEqualTypeOf<responses.VerifyEmailResponse>()
})

test('a refusal has its type too, and a body that the route does not take fails to compile', async () => {
  const response = await client.login.$post({ json: { username: 'nobody', password: 'none' } })
  if (response.ok) throw new Error('nobody logged in')
  const refusal = await response.json()
  expectTypeOf(refusal).toEqualTypeOf<responses.ErrorResponse>()
  expect(refusal).toEqual({ message: 'Invalid username or password', status: 401 })
  expectTypeOf<InferRequestType<typeof client.login.$post>>().toEqualTypeOf<{
    json: { username: string; password: string }
  }>()
})
