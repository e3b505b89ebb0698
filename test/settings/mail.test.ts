import { expect, test } from 'vitest'
import { isMailLink, parseSender } from '../../src/settings/mail.ts'

test.each([
  ['users@shop.example', { email: 'users@shop.example', name: 'users@shop.example' }],
  ['Shop <users@shop.example>', { email: 'users@shop.example', name: 'Shop' }],
  ['ACME Fitness Shop  <users@shop.example>', { email: 'users@shop.example', name: 'ACME Fitness Shop' }],
  ['Łódź & Söhne <a@b>', { email: 'a@b', name: 'Łódź & Söhne' }],
])('%j is a sender', (text, sender) => {
  expect(parseSender(text)).toEqual(sender)
})

test.each([
  'shop',
  '<users@shop.example>',
  'Shop users@shop.example',
  'Shop <shop>',
  'Shop <a@b> <c@d>',
  'a@b, c@d',
  'Shop, Inc <a@b>',
  'Shop\r\nBcc: everybody <a@b>',
  'a@b\nBcc:x@y',
  'Shop <a@b\n>',
  'a@b@c',
  '',
])('%j is none [V1.3.11]', (text) => {
  expect(parseSender(text)).toBeNull()
})

test.each([
  'https://shop.example',
  'https://shop.example/account?from=mail',
  'http://localhost:8787/docs',
  'http://127.0.0.1/',
])('links may lead to %s', (text) => {
  expect(isMailLink(text)).toBe(true)
})

test.each([
  'http://shop.example/',
  'shop.example',
  'javascript:alert(1)',
  'https://shop.example/#/account',
  'https://shop.example#',
  '',
])('links may not lead to %j', (text) => {
  expect(isMailLink(text)).toBe(false)
})
