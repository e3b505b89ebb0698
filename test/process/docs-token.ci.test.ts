/** The token of the documentation page: a person pastes one, and the page then says and sends the right thing. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { findBrowser, openPage, type WatchedPage } from '../support/process/browser.ts'
import { execute, findCall } from '../support/process/docs-page.ts'
import { describeWorker } from '../support/process/worker.ts'

type Tokens = Record<'access_token' | 'refresh_token', string>

const browser = await findBrowser('The token of the documentation page was not tested')
afterAll(() => browser?.close())

const walter = { username: 'walter', password: 'vmware1!' }
const walterId = '5c61ed848d891bd9e8016898'

/** Breaks a text as a terminal or a mail breaks a long line. */
const breakLines = (text: string) => text.replaceAll(/.{70}/g, '$&\r\n  ')

describe.skipIf(!browser)('the documentation page', () => {
  const worker = createTestHarness({ workers: [describeWorker(inject('databaseUrl'))] })
  let opened: WatchedPage
  let page: Page
  let tokens: Tokens

  beforeAll(async () => {
    if (!browser) throw new Error('no browser')
    const { url } = await worker.listen()
    const headers = { 'Content-Type': 'application/json' }
    const login = await worker.fetch('/login', { method: 'POST', headers, body: JSON.stringify(walter) })
    tokens = (await login.json()) as Tokens
    opened = await openPage(browser, url.href)
    page = opened.page
    await page.locator('.opblock').first().waitFor()
  })

  /** Signs out and closes the dialog. */
  afterEach(async () => {
    const signOut = page.getByRole('button', { name: 'Remove authorization' })
    if (await signOut.isVisible()) await signOut.click()
    await page.locator('.modal-ux .btn-done').click()
    // A 401 is no fault: the page asked the service about a bad token.
    expect(opened.faults.splice(0).filter((fault) => !/401/.test(fault))).toEqual([])
  })

  afterAll(async () => {
    await opened.close()
    await worker.close()
  })

  const says = () => page.getByRole('status').textContent()
  const asks = () =>
    Promise.all(
      ['health', 'getUser', 'updateUser'].map((call) => findCall(page, call).locator('.token').allTextContents()),
    )

  /** Pastes a text over what the dialog behind Authorize holds, as the browser does it, and applies it. */
  const paste = async (text: string) => {
    const field = page.locator('.modal-ux').getByRole('textbox')
    if (!(await field.isVisible())) await page.getByRole('button', { name: 'Authorize' }).click()
    await field.fill('')
    await field.focus()
    await page.keyboard.insertText(text)
    await page.getByRole('button', { name: 'Apply credentials' }).click()
  }

  test('asks for one token, says which calls take it, and keeps none beyond the page [V14.3.3]', async () => {
    expect(await says()).toContain('To sign in')
    expect(await asks()).toEqual([[], ['May need a token'], ['Needs a token']])

    await paste(tokens.access_token)
    await page.getByText('Authorized', { exact: true }).waitFor()
    expect(await says()).toContain('Signed in as walter')
    expect(await asks()).toEqual([[], ['Sends your token'], ['Sends your token']])
    expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([0, 0, ''])

    await page.locator('.modal-ux .btn-done').click()
    const bearing = page.waitForRequest((request) => request.url().endsWith(walterId))
    await execute(page, 'getUser', { id: walterId })
    expect((await bearing).headers().authorization).toBe(`Bearer ${tokens.access_token}`)

    await findCall(page, 'updateUser').locator('.token').click()
    await page.getByRole('button', { name: 'Remove authorization' }).click()
    expect(await says()).toContain('To sign in')
    expect(await asks()).toEqual([[], ['May need a token'], ['Needs a token']])
  })

  test.each<[string, (tokens: Tokens) => string]>([
    ['with its scheme', ({ access_token }) => `Bearer ${access_token}`],
    ['in a command', ({ access_token }) => `curl -H 'Authorization: Bearer ${access_token}' -H 'Accept: */*'`],
    ['in typographic quotes', ({ access_token }) => `“${access_token}”`],
    ['with white space around it', ({ access_token }) => `\n\t ${access_token}\u00a0\r\n`],
    ['with words behind it', ({ access_token }) => `${access_token} is mine`],
    ['broken into lines', ({ access_token }) => breakLines(access_token)],
    ['with invisible characters', ({ access_token }) => `\ufeff${access_token.replace('.', '.\u200b')}`],
    ['as the answer of a login', (both) => JSON.stringify(both, null, 2)],
    ['as that answer in a string, broken into lines', (both) => breakLines(JSON.stringify(JSON.stringify(both)))],
    ['behind the refresh token', (both) => `refresh: ${both.refresh_token}\naccess: ${both.access_token}`],
  ])('takes a token that was copied %s', async (_, copy) => {
    const verified = page.waitForResponse((response) => response.url().endsWith('/verify-token') && response.ok())
    await paste(copy(tokens))
    expect((await verified).request().postDataJSON()).toEqual({ access_token: tokens.access_token })
    await page.getByText('Authorized', { exact: true }).waitFor()
    expect(await says()).toContain('Signed in as walter')
  })

  test.each<[string, (tokens: Tokens) => string]>([
    ['nothing', () => ''],
    ['white space', () => ' \n'],
    ['a password', () => 'vmware1!'],
    ['a scheme alone', () => 'Bearer '],
    ['a refresh token', ({ refresh_token }) => `Bearer ${refresh_token}`],
    ['half a token', ({ access_token }) => access_token.slice(0, access_token.lastIndexOf('.'))],
    ['a shortened token', ({ access_token }) => `${access_token.slice(0, 40)}…`],
    ['text that only looks like a token', () => 'eyJhbGciOiJIUzI1NiJ9.eyJ.sig'],
    ['null for claims', () => 'eyJhbGciOiJIUzI1NiJ9.bnVsbA.c2ln'],
    ['a refusal', () => '{"message":"Invalid username or password","status":401}'],
  ])('says that there is no token in %s', async (_, copy) => {
    await paste(copy(tokens))
    expect(await page.getByRole('alert').textContent()).toContain('There is no access token in this')
    expect(await says()).toContain('To sign in')
  })

  test.each<[string, (tokens: Tokens) => string]>([
    ['was cut', ({ access_token }) => access_token.slice(0, -4)],
    ['was issued elsewhere', ({ access_token }) => access_token.replace(/[^.]+$/, 'A'.repeat(43))],
  ])('says that the service refuses a token that %s, until it gets a good one', async (_, copy) => {
    await paste(copy(tokens))
    expect(await page.getByRole('alert').textContent()).toContain('The service refuses this token')
    expect(await says()).toContain('To sign in')

    await paste(tokens.access_token)
    await page.getByText('Authorized', { exact: true }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await says()).toContain('Signed in as walter')
  })

  test('says that a token could not be checked where the service does not answer', async () => {
    await page.route('**/verify-token', (route) => route.abort())
    await paste(tokens.access_token)
    expect(await page.getByRole('alert').textContent()).toContain('could not check this token')
    expect(await says()).toContain('To sign in')
    await page.unroute('**/verify-token')
    expect(opened.faults.splice(0).filter((fault) => !/ERR_FAILED/.test(fault))).toEqual([])
  })
})
