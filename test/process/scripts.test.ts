/** The scripts of package.json, held against what README.md and CONTRIBUTING.md say of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
const documents = read('README.md') + read('CONTRIBUTING.md')
const named = [...documents.matchAll(/\bnpm (?:run(?:\s+-\S+)*\s+([\w:]+)|test\b)/g)].map(([, name = 'test']) => name)

test('every script that the documents name is there', () => {
  expect(named.filter((name) => !scripts.includes(name))).toEqual([])
})

test('every script is in the documents, but those that npm runs by itself', () => {
  const forPeople = scripts.filter((name) => !/^(pre|post)/.test(name))
  expect(forPeople.filter((name) => !named.includes(name))).toEqual([])
})
