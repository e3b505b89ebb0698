/** The documentation page in a browser, on the Worker of each profile: it shows every call, and one can work with it. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, inject, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { findBrowser, openPage, type WatchedPage } from '../support/process/browser.ts'
import { execute, findCall, readOperations } from '../support/process/docs-page.ts'
import { startGateway } from '../support/process/gateway.ts'
import { describeWorker, startWorker } from '../support/process/worker.ts'

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

test('the Worker answers before its files, so that unknown paths get the usual refusal [V13.4.5]', async () => {
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

  /** Opens the page at the address that people type. */
  const open = async (profile: keyof typeof profiles, width?: number) => {
    if (!browser) throw new Error('no browser')
    const { url } = await profiles[profile].listen()
    opened = await openPage(browser, url.href, width)
    await opened.page.locator('.opblock').first().waitFor()
    return opened.page
  }

  afterEach(async () => {
    await opened?.close()
    expect(opened?.faults).toEqual([])
  })

  afterAll(() => Promise.all(Object.values(profiles).map((harness) => harness.close())))

  test('opens from /, shows every call, and fits a phone with all of them and an answer open', async () => {
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

  test('shows a refusal in one line, and all of it when it is opened', async () => {
    const page = await open('contract')
    const call = findCall(page, 'updateUser')
    await call.locator('.opblock-summary-control').click()
    const refusal = call.locator('.refusal', { hasText: 'Validation failed' })
    await refusal.waitFor()
    const lines = await call.locator('.refusal').all()
    expect(lines.length).toBeGreaterThan(8)
    for (const line of lines) expect((await line.boundingBox())?.height).toBeLessThan(60)

    const example = refusal.locator('pre.example')
    expect(await example.isVisible()).toBe(false)
    await refusal.locator('summary').click()
    await example.waitFor()
    expect(await example.textContent()).toContain('"message": "Validation failed"')
  })

  test.each([390, 1280])('shows the whole of every copy button, %i pixels wide', async (width) => {
    const page = await open('contract', width)
    await execute(page, 'login', { body: walter })
    for (const call of await page.locator('.opblock').all()) {
      await call.locator('.opblock-summary').hover()
      for (const button of await call.locator('.copy-to-clipboard').all()) {
        const box = await button.boundingBox()
        expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(20)
        await button.click({ trial: true })
      }
    }
  })
  test('works behind a gateway that puts a path before it', async () => {
    if (!browser) throw new Error('no browser')
    const { url } = await profiles.contract.listen()
    const gateway = await startGateway(url, '/shop/users-service')
    opened = await openPage(browser, `${gateway.url}/docs/`)
    const { page } = opened
    expect(page.url()).toBe(`${gateway.url}/docs`)
    await page.goto(`${gateway.url}/`)
    await page.locator('.opblock').first().waitFor()
    expect(page.url()).toBe(`${gateway.url}/docs`)

    const asked = page.waitForRequest(`${gateway.url}/login`)
    expect((await execute(page, 'login', { body: walter })).status).toBe(200)
    await asked
    const found = await execute(page, 'getUser', { id: '5c61ed848d891bd9e8016898' })
    expect(found).toMatchObject({ status: 200, body: { data: { username: 'walter' } } })

    const links = await page.locator('a[href]:visible').evaluateAll((all) =>
      Promise.all(
        all.map(async (link) => {
          const answer = await fetch(link.getAttribute('href') ?? '')
          return `${answer.status} ${answer.url}`
        }),
      ),
    )
    expect(links).toContain(`200 ${gateway.url}/openapi.json`)
    for (const link of links) expect(link.startsWith(`200 ${gateway.url}/`), link).toBe(true)
    gateway.close()
  })
})
