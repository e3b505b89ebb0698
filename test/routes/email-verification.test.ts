import { describe, expect, test, vi } from 'vitest'
import { call, post } from '../support/client.ts'
import { askVerification, changeEmail, openMail, reset, verify } from '../support/mail.ts'
import { logIn, logInPerson, newPerson, registerPerson } from '../support/people.ts'
import { changeRow, deleteRow, readRow } from '../support/store.ts'
import { decode } from '../support/tokens.ts'

const REFUSED = '{"message":"Invalid Key. User Not Authorized","status":401}'

test('a registration sends the first proof, and access tokens say that the email is verified from then on', async () => {
  const mail = openMail()
  const person = newPerson()
  await post('/register', person, { settings: mail.settings })
  expect(mail.sent).toEqual([expect.objectContaining({ to: person.email, subject: 'Confirm your email address' })])
  const before = await logIn(person)
  expect(decode(before.accessToken).claims).not.toHaveProperty('email_verified')

  const { status, text } = await verify(mail, mail.readProof(person.email))
  expect([status, text]).toEqual([200, '{"message":"Email verified","status":200}'])
  expect((await readRow(person.username)).emailVerifiedAt).toBeInstanceOf(Date)
  const { accessToken, refreshToken } = await logIn(person)
  expect(decode(accessToken).claims).toMatchObject({ email_verified: true })
  expect((await post('/verify-token', { access_token: accessToken })).status).toBe(200)
  for (const REFRESH_ROTATION of ['off', 'on']) {
    const { json } = await post('/refresh-token', { refresh_token: refreshToken }, { settings: { REFRESH_ROTATION } })
    expect(decode(json.access_token).claims).toMatchObject({ email_verified: true })
  }
})

test('a verification ends no session', async () => {
  const mail = openMail()
  const person = await logInPerson()
  await verify(mail, await askVerification(mail, person))
  expect((await post('/refresh-token', { refresh_token: person.refreshToken })).status).toBe(200)
})

describe('a proof', () => {
  async function prepare() {
    const mail = openMail()
    const person = await logInPerson()
    return { mail, person, token: await askVerification(mail, person) }
  }

  const expectSpent = async ({ mail, token }: Awaited<ReturnType<typeof prepare>>) => {
    const { status, text } = await verify(mail, token)
    expect([status, text]).toEqual([401, REFUSED])
  }

  test('works once: not again later, and not twice at the same time [V2.3.4]', async () => {
    const prepared = await prepare()
    const { mail, token } = prepared
    const answers = await Promise.all([1, 2, 3].map(() => verify(mail, token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401])
    await expectSpent(prepared)
  })

  test('does not work after a newer one', async () => {
    const prepared = await prepare()
    const { mail, person } = prepared
    expect((await verify(mail, await askVerification(mail, person))).status).toBe(200)
    await expectSpent(prepared)
  })

  test('does not work after a password change', async () => {
    const prepared = await prepare()
    const { id, password, accessToken: token, username } = prepared.person
    const body = { current_password: password, new_password: 'changed in between' }
    expect((await call('PUT', `/users/${id}/password`, body, { token })).status).toBe(200)
    await expectSpent(prepared)
    expect((await readRow(username)).emailVerifiedAt).toBeNull()
  })

  test('does not verify an email that was typed since', async () => {
    const prepared = await prepare()
    const { person } = prepared
    expect((await changeEmail(openMail(), person, `new-${person.email}`)).status).toBe(200)
    await expectSpent(prepared)
    expect((await readRow(person.username)).emailVerifiedAt).toBeNull()
  })

  test('does not work for an account that was deleted and made anew', async () => {
    const prepared = await prepare()
    const { username, password, firstname, lastname, email } = prepared.person
    await deleteRow(username)
    await post('/register', { username, password, firstname, lastname, email })
    await expectSpent(prepared)
    expect((await readRow(username)).emailVerifiedAt).toBeNull()
  })

  test('sets no password', async () => {
    const { mail, token } = await prepare()
    expect((await reset(mail, token)).status).toBe(401)
    expect((await verify(mail, token)).status).toBe(200)
  })
})

test('an email that is changed is not verified any more, and one that is only sent again still is', async () => {
  const mail = openMail()
  const person = await logInPerson()
  await verify(mail, await askVerification(mail, person))
  await changeEmail(mail, person, person.email)
  expect((await readRow(person.username)).emailVerifiedAt).toBeInstanceOf(Date)
  await changeEmail(mail, person, `new-${person.email}`)
  expect((await readRow(person.username)).emailVerifiedAt).toBeNull()
})

test('a direct change tells the old address, and asks the new one for a proof', async () => {
  const mail = openMail()
  const person = await logInPerson()
  const email = `o'neill&${person.email}`
  const { json } = await changeEmail(mail, person, email)
  expect(json.data.email).toBe(email)
  expect(mail.sent.map(({ to, subject }) => [to, subject]).sort()).toEqual([
    [email, 'Confirm your email address'],
    [person.email, 'Your email address was changed'],
  ])
  const notice = mail.sent.find(({ to }) => to === person.email)
  expect(notice?.html).toContain(`o&#39;neill&amp;${person.email}`)
  expect(notice?.text).toContain(email)
  expect((await verify(mail, mail.readProof(email))).status).toBe(200)
})

describe('EMAIL_CHANGE is proof', () => {
  const proving = () => openMail({ EMAIL_CHANGE: 'proof' })

  test('a change waits for its proof: the answer has the old email, and both addresses get a message [V7.5.1]', async () => {
    const mail = proving()
    const person = await logInPerson()
    const email = `new-${person.email}`
    const body = { email, firstname: 'Ann', current_password: person.password }
    const { status, json } = await call('PATCH', `/users/${person.id}`, body, {
      settings: mail.settings,
      token: person.accessToken,
    })
    const { id, username, lastname } = person
    expect([status, json]).toEqual([
      200,
      { data: { username, email: person.email, firstname: 'Ann', lastname, id }, status: 200 },
    ])
    expect(mail.sent.map(({ to, subject }) => [to, subject]).sort()).toEqual([
      [email, 'Confirm your email address'],
      [person.email, 'Your email address is about to change'],
    ])
    expect((await post('/login', { username: email, password: person.password })).status).toBe(401)

    expect((await verify(mail, mail.readProof(email))).status).toBe(200)
    expect(await readRow(username)).toMatchObject({ email, emailVerifiedAt: expect.any(Date) })
    expect((await post('/login', { username: email, password: person.password })).status).toBe(200)
    expect((await post('/refresh-token', { refresh_token: person.refreshToken })).status).toBe(200)
  })

  test('a used proof does not work again after the account has gone back to its old email', async () => {
    const mail = proving()
    const person = await logInPerson()
    const email = `new-${person.email}`
    await changeEmail(mail, person, email)
    const used = mail.readProof(email)
    expect((await verify(mail, used)).status).toBe(200)
    await changeEmail(mail, person, person.email)
    expect((await verify(mail, mail.readProof(person.email))).status).toBe(200)
    expect((await verify(mail, used)).status).toBe(401)
    expect((await readRow(person.username)).email).toBe(person.email)
  })

  test('an older proof does not work after a newer one', async () => {
    const mail = proving()
    const person = await logInPerson()
    const [first, second] = [`first-${person.email}`, `second-${person.email}`]
    await changeEmail(mail, person, first)
    await changeEmail(mail, person, second)
    expect((await verify(mail, mail.readProof(second))).status).toBe(200)
    expect((await verify(mail, mail.readProof(first))).status).toBe(401)
    expect((await readRow(person.username)).email).toBe(second)
  })

  test('a new password stops a change that waits, as the notice says', async () => {
    const mail = proving()
    const person = await logInPerson()
    await changeEmail(mail, person, `thief-${person.email}`)
    await post('/password-reset', { email: person.email }, { settings: mail.settings })
    expect((await reset(mail, mail.readProof(person.email))).status).toBe(200)
    expect((await verify(mail, mail.readProof(`thief-${person.email}`))).status).toBe(401)
    expect((await readRow(person.username)).email).toBe(person.email)
  })

  test('rejects an email that is taken, when it is asked for and when somebody took it meanwhile', async () => {
    const mail = proving()
    const [person, other] = [await logInPerson(), await registerPerson()]
    const taken = await changeEmail(mail, person, other.email.toUpperCase())
    expect([taken.status, taken.text]).toEqual([409, '{"message":"Email is already taken","status":409}'])
    expect(mail.sent).toEqual([])

    const email = `new-${person.email}`
    await changeEmail(mail, person, email)
    await changeRow(other.username, { email: email.toUpperCase() })
    const { status, text } = await verify(mail, mail.readProof(email))
    expect([status, text]).toEqual([409, '{"message":"Email is already taken","status":409}'])
    expect(await readRow(person.username)).toMatchObject({ email: person.email, emailVerifiedAt: null })
  })

  test('rejects a change with a wrong password, and writes to nobody [V7.5.1]', async () => {
    const mail = proving()
    const person = await logInPerson()
    expect((await changeEmail(mail, { ...person, password: 'wrong' }, `new-${person.email}`)).status).toBe(403)
    expect(mail.sent).toEqual([])
  })

  test('rejects a flood of changes to one mailbox, and changes nothing [V2.4.1]', async () => {
    const mail = openMail({ EMAIL_CHANGE: 'proof', MAIL_BY_ACCOUNT: { limit: async () => ({ success: false }) } })
    const person = await logInPerson()
    expect((await changeEmail(mail, person, `new-${person.email}`)).status).toBe(429)
    expect(mail.sent).toEqual([])
  })

  test('needs a binding: without one every call but GET /health is 500, and the log says why [V16.5.3]', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { settings } = openMail({ EMAIL_CHANGE: 'proof', EMAIL: null })
    expect((await post('/login', {}, { settings })).status).toBe(500)
    expect(String(log.mock.calls)).toContain('EMAIL_CHANGE is proof, which needs the binding EMAIL')
  })
})
