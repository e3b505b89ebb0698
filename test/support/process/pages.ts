/** Reads README.md, docs/ and the other pages for people, for tests of the commands, answers and snippets in them. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** Every page, by its path in the project. */
export const PAGES: readonly string[] = globSync('{,docs/,bench/}*.md', { cwd: root }).sort()

/** A fenced block of a page. */
export interface CodeBlock {
  language: string
  code: string
}

/** Reads a page. */
export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Lists the fenced blocks of a page in their order, without the indentation that they have in a list. */
export function findCode(path: string): CodeBlock[] {
  return [...readPage(path).matchAll(/^( *)```(\w+)\n(.*?)\n\1```$/gms)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      code: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
}

/** Lists the code in one language. */
export function findCodeIn(language: string, path: string): string[] {
  return findCode(path)
    .filter((block) => block.language === language)
    .map(({ code }) => code)
}
