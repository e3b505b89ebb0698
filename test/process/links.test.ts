/** The pages for people: every link and anchor in them exists, and README.md leads to every page. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import description from '../../public/openapi.json'
import { PAGES, readPage } from '../support/process/pages.ts'

const root = join(import.meta.dirname, '../..')

/** Reads a page without its code blocks, in which nothing is a link or a heading. */
const readProse = (page: string) => readPage(page).replaceAll(/^( *)```.*?^\1```$/gms, '')

/** Lists the links of a page to files of the project. */
const findLinks = (page: string) =>
  [...readProse(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^\w+:/.test(link))

/** Lists the anchors of a page: GitHub makes one of each heading, and numbers those that are alike. */
function findAnchors(page: string): string[] {
  const seen = new Map<string, number>()
  return [...readProse(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}

/** Whether a link of a page leads to something. */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(page, '..', path)
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || findAnchors(target).includes(anchor)
}

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  expect(findLinks(page).filter((link) => !leadsSomewhere(page, link))).toEqual([])
})

test('README.md leads to every page of docs/', () => {
  const pages = PAGES.filter((page) => page.startsWith('docs/'))
  expect(pages.length).toBeGreaterThan(0)
  expect(pages.filter((page) => !findLinks('README.md').includes(page))).toEqual([])
})

test.each(PAGES.filter((page) => page.startsWith('docs/')))('%s leads to a page beside it', (page) => {
  expect(findLinks(page)).toContainEqual(expect.stringMatching(/^[\w-]+\.md/))
})

test.each(['README.md', 'docs/api.md'])('%s has every call of the description', (page) => {
  const calls = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `\`${method.toUpperCase()} ${path.replace('{id}', ':id')}\``),
  )
  expect(calls.length).toBeGreaterThan(0)
  expect(calls.filter((call) => !readPage(page).includes(call))).toEqual([])
})
