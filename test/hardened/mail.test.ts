/** Mail in the profile of `[env.hardened]`, as it is deployed: only the binding is watched on its way to the simulation. */
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { post } from '../support/client.ts'
import { askReset, askVerification, changeEmail, openMail, reset, verify } from '../support/mail.ts'
import { logIn, logInPerson, newPerson, registerPerson } from '../support/people.ts'
import { readRow } from '../support/store.ts'
import { decode, forge, secrets } from '../support/tokens.ts'

/** The profile's own settings. */
const openProfile = () => {
  const { MAIL_FROM, MAIL_LINK, EMAIL_CHANGE } = env
  return openMail({ MAIL_FROM, MAIL_LINK, EMAIL_CHANGE })
}

test('the whole way from forgotten to logged in [V6.4.3]', async () => {
  const mail = openProfile()
  const { username, email, password } = await registerPerson()
  const token = await askReset(mail, email)
  expect(mail.sent).toEqual([
    expect.objectContaining({ from: { email: 'users@acmefitness.example', name: 'ACME Fitness' }, to: email }),
  ])
  const { status, json } = await reset(mail, token)
  expect(status).toBe(200)
  expect((await post('/refresh-token', { refresh_token: json.refresh_token })).status).toBe(200)
  expect((await post('/login', { username, password })).status).toBe(401)
  expect((await reset(mail, token)).status).toBe(401)
})

test('an unknown address gets the same bytes, and nobody a message', async () => {
  const mail = openProfile()
  const known = await post('/password-reset', { email: (await registerPerson()).email }, { settings: mail.settings })
  const unknown = await post('/password-reset', { email: newPerson().email }, { settings: mail.settings })
  expect([unknown.status, unknown.text]).toEqual([known.status, known.text])
  expect(mail.sent).toHaveLength(1)
})

test('a new email waits for its proof, which is the default of the profile', async () => {
  const mail = openProfile()
  const person = await logInPerson()
  const email = `new-${person.email}`
  expect((await changeEmail(mail, person, email)).json.data.email).toBe(person.email)
  expect((await verify(mail, mail.readProof(email))).status).toBe(200)
  expect(await readRow(person.username)).toMatchObject({ email, emailVerifiedAt: expect.any(Date) })
})

test('tokens say that an email is verified, with and without rotation', async () => {
  const mail = openProfile()
  const person = await logInPerson()
  await verify(mail, await askVerification(mail, person))
  const { refreshToken } = await logIn(person)
  const { json } = await post('/refresh-token', { refresh_token: refreshToken })
  expect(decode(json.access_token).claims).toMatchObject({ email_verified: true })
})

test('proofs have the issuer and audience of the profile, and none is good without [V9.2.3]', async () => {
  const mail = openProfile()
  const { email } = await registerPerson()
  const { header, claims } = decode(await askReset(mail, email))
  expect(header).toEqual({ alg: 'HS256', kid: 'signin_2', typ: 'proof+jwt' })
  expect(claims).toMatchObject({ iss: 'https://users.acmefitness.example', aud: 'acme-fitness-shop' })
  expect((await reset(mail, await forge(header, claims, secrets.refresh))).status).toBe(401)
})
