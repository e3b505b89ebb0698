import { describe, expect, test } from 'vitest'
import { allowsOrigin, parseOrigins } from '../../src/settings/origins.ts'

const parse = (list: string) => {
  const parsed = parseOrigins(list)
  return 'origins' in parsed ? parsed.origins : parsed.fault
}

test.each([
  ['*', ['*']],
  ['https://shop.example', ['https://shop.example']],
  ['https://shop.example,capacitor://localhost', ['https://shop.example', 'capacitor://localhost']],
  ['https://shop.example/', ['https://shop.example']],
  ['https://shop.example,', ['https://shop.example']],
  [' https://shop.example ,, ,http://localhost:3000 ', ['https://shop.example', 'http://localhost:3000']],
  ['HTTPS://Shop.Example:443', ['https://shop.example']],
  ['http://SHOP.example:80/', ['http://shop.example']],
  ['https://bücher.example', ['https://xn--bcher-kva.example']],
  ['http://[0:0::1]:3000', ['http://[::1]:3000']],
  ['http://192.168.1.1:8080', ['http://192.168.1.1:8080']],
  ['https://*.pages.dev', ['https://*.pages.dev']],
  ['https://*.Shop.example:8443/', ['https://*.shop.example:8443']],
  ['ionic://localhost,tauri://localhost/', ['ionic://localhost', 'tauri://localhost']],
  ['chrome-extension://abcdefghijklmnop', ['chrome-extension://abcdefghijklmnop']],
  ['moz-extension://0e6f0b8a-1111-4222-8333-444455556666', ['moz-extension://0e6f0b8a-1111-4222-8333-444455556666']],
  ['app://obsidian.md,vscode-webview://1x2y', ['app://obsidian.md', 'vscode-webview://1x2y']],
])('reads %j as %j', (list, origins) => {
  expect(parse(list)).toEqual(origins)
})

test.each([
  ['shop.example', 1],
  ['https://a.example,shop.example', 2],
  ['https://a.example,https://b.example/path', 2],
  ['https://a.example?x', 1],
  ['https://a.example#x', 1],
  ['https://user@a.example', 1],
  ['https://', 1],
  ['https://a.example:99999', 1],
  ['null', 1],
  ['https://*', 1],
  ['https://*.*.example', 1],
  ['https://a.*.example', 1],
  ['https://shop*.example', 1],
  ['https://*shop.example', 1],
  ['*://shop.example', 1],
  ['*.shop.example', 1],
  ['capacitor://*', 1],
  ['capacitor://local host', 1],
  ['capacitor://localhost/path', 1],
  ['https://a.example;https://b.example', 1],
  ['https://a.example https://b.example', 1],
])('refuses %j by the place %i, and repeats none of it', (list, place) => {
  expect(parse(list)).toContain(`something else than an origin as number ${place}: list origins such as`)
  expect(parse(list)).not.toContain('b.example')
})

test.each(['*,https://shop.example', 'https://shop.example,*', '*,*'])('refuses %j: the lone * allows all', (list) => {
  expect(parse(list)).toContain('has * beside others')
})

describe('a wildcard', () => {
  const allowed = ['https://*.shop.example', 'https://*.dev.example:8443']

  test.each([
    'https://www.shop.example',
    'https://a-1.shop.example',
    'https://a_b.shop.example',
    'https://x.dev.example:8443',
  ])('stands for one label: %s', (origin) => expect(allowsOrigin(allowed, origin)).toBe(true))

  test.each([
    'https://shop.example',
    'https://.shop.example',
    'https://a.b.shop.example',
    'https://evil.example/.shop.example',
    'https://evil.example#.shop.example',
    'https://evil@.shop.example',
    'https://evil:1.shop.example',
    'http://www.shop.example',
    'https://www.shop.example:8443',
    'https://www.shop.example.evil.example',
    'https://x.dev.example',
    'https://*.shop.example.evil',
    'https://wwwshop.example',
    '',
  ])('and for nothing else: %j', (origin) => expect(allowsOrigin(allowed, origin)).toBe(false))
})
