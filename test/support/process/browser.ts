/** Runs the system's Chromium without a window, with pages that remember every fault on them. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

/** What Chromium is to leave out. The list takes the place of Playwright's, and has the parts of it that matter here. */
const disabledFeatures = [
  // Chromium 156 renders two pages for suggestions of its address bar with each window, which take as long as ours.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  // With these it asks other servers.
  'AimEnabled',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PreconnectToSearch',
  // With these it would show another page than a test has asked for, or an older one for a while.
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'PaintHolding',
]
const flags = ['--disable-gpu', '--disable-quic', '--disable-sync', `--disable-features=${disabledFeatures.join(',')}`]

/** A page and its faults: it complained, broke its policy, failed to load something, or asked another server. */
export interface WatchedPage {
  page: Page
  faults: string[]
  close(): Promise<void>
}

/**
 * Starts Chromium if the machine has it. In CI it must; elsewhere the reason is printed.
 * @param without names what goes untested without it
 */
export async function findBrowser(without: string): Promise<Browser | undefined> {
  try {
    return await chromium.launch({ executablePath: findChromium(), args: flags })
  } catch (reason) {
    if (process.env.CI) throw reason
    // Vitest shows what console prints only if a test fails.
    process.stderr.write(`${without}: Chromium cannot be started here. ${reason}\n`)
    return undefined
  }
}

/** Opens an address in a profile of its own. */
export async function openPage(browser: Browser, url: string, width = 1280): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height: 844 } })
  const page = await context.newPage()
  // Half a minute, the default, is not enough for a page of every call on a busy machine.
  page.setDefaultTimeout(180_000)
  const faults: string[] = []
  const { origin } = new URL(url)
  page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    const to = new URL(request.url())
    if (to.origin !== origin && to.protocol !== 'data:') faults.push(`asked ${to.origin}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} from ${response.url()}`)
  })
  await page.exposeFunction('reportViolation', (directive: string) => faults.push(`policy: ${directive}`))
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => reportViolation(event.violatedDirective))",
  )
  await page.goto(url)
  return { page, faults, close: () => context.close() }
}

function findChromium(): string {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const places = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  const found = [process.env.CHROMIUM_PATH ?? '', ...places].find(isProgram)
  if (found === undefined) throw new Error(`neither CHROMIUM_PATH nor PATH has ${names.join(', ')}`)
  return found
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
