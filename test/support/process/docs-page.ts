/** Does and reads on the documentation page what a person would. */
import type { Page } from 'playwright-core'

/** Reads the calls that the page shows, as `POST /login`. */
export function readOperations(page: Page): Promise<string[]> {
  return page
    .locator('.opblock')
    .evaluateAll((blocks) =>
      blocks.map((block) =>
        [
          block.querySelector('.opblock-summary-method')?.textContent,
          block.querySelector('[data-path]')?.getAttribute('data-path'),
        ].join(' '),
      ),
    )
}

/** Finds a call by its operation id. */
export function findCall(page: Page, operation: string) {
  return page.locator(`.opblock[id$="-${operation}"]`)
}

/** Opens a call, fills it in, executes it, and reads the answer that the page then shows. */
export async function execute(page: Page, operation: string, given: { body?: object; id?: string } = {}) {
  const block = findCall(page, operation)
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
