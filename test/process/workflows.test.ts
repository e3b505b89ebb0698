/** GitHub's workflows pin the actions of others by content, which no moved tag can change. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../.github')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ya?ml$/.test(path))

/** Every value of a key in a file, with the comment behind it. */
const valuesOf = (path: string, key: string) =>
  [...readFileSync(join(folder, path), 'utf8').matchAll(new RegExp(`\\b${key}['"]?:[ \\t]+(\\S.*)$`, 'gm'))].map(
    ([, value = '']) => value,
  )

test.each(files)('%s pins actions by commit and images by digest', (path) => {
  const actions = valuesOf(path, 'uses').filter((value) => !value.startsWith('./'))
  for (const action of actions) {
    expect(action).toMatch(/^([\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+|docker:\/\/\S+@sha256:[0-9a-f]{64})$/)
  }
  for (const image of [...valuesOf(path, 'image'), ...valuesOf(path, 'container')]) {
    expect(image).toMatch(/@sha256:[0-9a-f]{64}$/)
  }
})

test('the workflows use actions', () => {
  expect(files.flatMap((path) => valuesOf(path, 'uses')).length).toBeGreaterThan(0)
})
