import { expect, test, vi } from 'vitest'
import { call, post } from '../../support/client.ts'
import { askVerification, openMail, verify } from '../../support/mail.ts'
import { logInPerson, newPerson } from '../../support/people.ts'

const ACCEPTED = '{"message":"Unless the address is verified already, a message is on its way","status":202}'

const ask = (settings: Record<string, unknown>, { id, accessToken: token }: { id: string; accessToken?: string }) =>
  call('POST', `/users/${id}/email-verification`, undefined, { settings, ...(token && { token }) })

test('succeeds with a message to the owner, and with none once the email is verified', async () => {
  const mail = openMail()
  const person = await logInPerson()
  const { status, text } = await ask(mail.settings, person)
  expect([status, text]).toEqual([202, ACCEPTED])
  expect(mail.sent.map(({ to }) => to)).toEqual([person.email])
  expect((await verify(mail, mail.readProof(person.email))).status).toBe(200)
  expect((await ask(mail.settings, person)).text).toBe(ACCEPTED)
  expect(mail.sent).toHaveLength(1)
})

test('rejects who is not the owner, or no longer [V8.2.2]', async () => {
  const { settings, sent } = openMail()
  const [person, stranger] = [await logInPerson(), await logInPerson()]
  expect((await ask(settings, { id: person.id })).status).toBe(401)
  expect((await ask(settings, { ...stranger, id: person.id })).status).toBe(403)
  await post('/logout', { refresh_token: person.refreshToken })
  expect((await ask(settings, person)).status).toBe(401)
  expect(sent).toEqual([])
})

test('rejects a flood of one mailbox, whoever asks [V2.4.1]', async () => {
  const keys: string[] = []
  const limit = async ({ key }: { key: string }) => ({ success: keys.push(key) < 2 })
  const mail = openMail({ MAIL_BY_ACCOUNT: { limit } })
  const person = await logInPerson()
  await askVerification(mail, person)
  expect((await ask(mail.settings, person)).status).toBe(429)
  expect((await post('/password-reset', { email: person.email }, { settings: mail.settings })).status).toBe(429)
  expect(new Set(keys)).toEqual(new Set([person.email]))
})

test('a registration into a mailbox that gets too many is one without a message', async () => {
  const { settings, sent } = openMail({ MAIL_BY_ACCOUNT: { limit: async () => ({ success: false }) } })
  expect((await post('/register', newPerson(), { settings })).status).toBe(201)
  expect(sent).toEqual([])
})

test('protects the store: one statement', async () => {
  const person = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  await ask(openMail().settings, person)
  expect(fetch).toHaveBeenCalledTimes(1)
})
