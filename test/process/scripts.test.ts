/** Compares the scripts of package.json with the pages for people. */
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { PAGES, readPage } from '../support/process/pages.ts'

const scripts = Object.keys(packageJson.scripts)
const documents = PAGES.map(readPage).join('\n')
const named = [...documents.matchAll(/\bnpm (?:run(?:\s+-\S+)*\s+([\w:]+)|test\b)/g)].map(([, name = 'test']) => name)

test('every script that a page names is there', () => {
  expect(named.filter((name) => !scripts.includes(name))).toEqual([])
})

test('every script is on a page, except those that npm runs by itself', () => {
  const forPeople = scripts.filter((name) => !/^(pre|post)/.test(name))
  expect(forPeople.filter((name) => !named.includes(name))).toEqual([])
})
