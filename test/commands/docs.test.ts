/** The documentation page in a browser, on the Worker of each profile: what it shows, and that one can work with it. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, describe, expect, inject, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { describeWorker, startWorker } from '../node/worker.ts'
import { findBrowser, openPage, type WatchedPage } from './browser.ts'

const browser = await findBrowser('The documentation page was not tested')
afterAll(() => browser?.close())

const walter = { username: 'walter', password: 'vmware1!' }

/** The calls that /openapi.json describes, as `POST /login`. */
const findOperations = async () => {
  const { paths } = JSON.parse(await readFile(join(import.meta.dirname, '../../public/openapi.json'), 'utf8'))
  return Object.entries<object>(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((name) => ['get', 'put', 'post', 'patch', 'delete'].includes(name))
      .map((method) => `${method.toUpperCase()} ${path}`),
  )
}

/** Those that the page shows. */
const readOperations = (page: Page) =>
  page
    .locator('.opblock')
    .evaluateAll((blocks) =>
      blocks.map((block) =>
        [
          block.querySelector('.opblock-summary-method')?.textContent,
          block.querySelector('[data-path]')?.getAttribute('data-path'),
        ].join(' '),
      ),
    )

/** Opens a call, fills it in, executes it, and reads the answer that the page then shows. */
const execute = async (page: Page, operation: string, given: { body?: object; id?: string }) => {
  const block = page.locator(`.opblock[id$="-${operation}"]`)
  if (!(await block.locator('.execute').isVisible())) await block.locator('.opblock-summary-control').click()
  if (given.body) await block.locator('.body-param__text').fill(JSON.stringify(given.body))
  if (given.id) await block.getByPlaceholder('id').fill(given.id)
  await block.locator('.execute').click()
  const answer = block.locator('.live-responses-table .response')
  return {
    status: Number(await answer.locator('.response-col_status').textContent()),
    body: JSON.parse((await answer.locator('.highlight-code code').textContent()) ?? ''),
  }
}

test('the Worker comes before its files: what they do not answer is refused as everywhere [V13.4.5]', async () => {
  const worker = await startWorker(inject('databaseUrl'))
  expect((await worker.post('/openapi.json', {})).json).toEqual({ message: 'Method not allowed', status: 405 })
  expect((await worker.get('/docs.html')).json).toEqual({ message: 'Not found', status: 404 })
  await worker.close()
})

describe.skipIf(!browser)('the documentation page', () => {
  const worker = describeWorker(inject('databaseUrl'))
  const profiles = {
    contract: createTestHarness({ workers: [worker] }),
    hardened: createTestHarness({ workers: [{ ...worker, env: 'hardened' }] }),
  }
  let opened: WatchedPage | undefined

  /** From the address that people type. */
  const open = async (profile: keyof typeof profiles, width?: number) => {
    if (!browser) throw new Error('no browser')
    const { url } = await profiles[profile].listen()
    opened = await openPage(browser, url.href, width)
    await opened.page.locator('.opblock').first().waitFor()
    return opened.page
  }

  const logIn = async () => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await profiles.contract.fetch('/login', { method: 'POST', headers, body: JSON.stringify(walter) })
    return (await response.json()) as Record<'access_token', string>
  }

  afterEach(async () => {
    await opened?.close()
    expect(opened?.faults).toEqual([])
  })

  afterAll(() => Promise.all(Object.values(profiles).map((harness) => harness.close())))

  test('is where / leads, shows every call, and fits a phone with all of them and an answer open', async () => {
    const page = await open('contract', 390)
    expect(new URL(page.url()).pathname).toBe('/docs')
    expect((await readOperations(page)).sort()).toEqual((await findOperations()).sort())

    const { body } = await execute(page, 'login', { body: walter })
    expect(body).toEqual({ access_token: expect.any(String), refresh_token: expect.any(String), status: 200 })
    await page.evaluate("for (const closed of document.querySelectorAll('[aria-expanded=false]')) closed.click()")
    await page.locator('.opblock.is-open .responses-table').last().waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  })

  test.each(['contract', 'hardened'] as const)(
    'registers a person, signs in by their login, and sends the token, in the %s profile',
    async (profile) => {
      const page = await open(profile)
      const username = randomUUID()
      const password = 'correct horse battery'
      const person = { username, password, firstname: 'J', lastname: 'D', email: `${username}@acmefitness.com` }
      const registration = await execute(page, 'register', { body: person })
      expect(registration).toMatchObject({ status: 201, body: { message: 'User created successfully!' } })
      expect((await execute(page, 'login', { body: { username, password } })).status).toBe(200)
      expect(await page.getByRole('status').textContent()).toContain(`Signed in as ${username} until `)

      const id: string = registration.body.resourceId
      const bearing = page.waitForRequest((request) => request.url().endsWith(id))
      const found = await execute(page, 'getUser', { id })
      expect(found).toMatchObject({ status: 200, body: { data: { username, id } } })
      expect((await bearing).headers().authorization).toMatch(/^Bearer ey/)
      const changed = await execute(page, 'updateUser', { id, body: { firstname: 'Jane' } })
      expect(changed).toMatchObject({ status: 200, body: { data: { firstname: 'Jane' } } })
    },
  )

  test('takes a token by hand, for every call, and keeps none beyond the page [V14.3.3]', async () => {
    const page = await open('contract')
    const { access_token } = await logIn()
    const session = page.getByRole('status')
    expect(await session.textContent()).toContain('To sign in')

    await page.getByRole('button', { name: 'Authorize' }).click()
    const dialog = page.locator('.modal-ux')
    await dialog.locator('input').first().fill(access_token)
    await dialog.locator('.authorize').first().click()
    expect(await dialog.getByText('Authorized', { exact: true }).count()).toBe(2)
    expect(await session.textContent()).toContain('Signed in as walter')
    expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([0, 0, ''])
    await dialog.getByText('Logout').first().click()
    expect(await session.textContent()).toContain('To sign in')
  })
})
