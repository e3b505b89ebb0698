import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { toNetwork } from '../../src/middleware/address.ts'
import { post } from '../support/client.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  [' 192.0.2.1 ', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['"192.0.2.1:4711"', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:DB8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
  ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
  ['[2001:db8::1]', '2001:db8:0:0::/64'],
  ['[2001:db8::1]:4711', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['[fe80::1%25eth0]:80', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:4711', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['64:ff9b::192.0.2.1', '192.0.2.1'],
  ['64:ff9b::c000:201', '192.0.2.1'],
  ['64:ff9b:1::c000:201', '64:ff9b:1:0::/64'],
  ['for=192.0.2.1', '192.0.2.1'],
  ['proto=https;for="[2001:db8::1]:4711";by=203.0.113.43', '2001:db8:0:0::/64'],
])('%j counts as %s [V15.3.4]', (address, network) => expect(toNetwork(address)).toBe(network))

test.each([
  '',
  'not:an:address',
  'localhost',
  '1.2.3',
  '1.2.3.4.',
  '1.2.3.4.5',
  '256.1.1.1',
  '192.0.2.1:x',
  '::g',
  '[::1',
  'unknown',
  'for=unknown',
  '_hidden',
])('%j is no address', (text) => expect(toNetwork(text)).toBeNull())

test.each([
  ['203.0.113.7, 192.0.2.1', '192.0.2.1'],
  ['192.0.2.9,198.51.100.2 , 2001:db8::1', '2001:db8:0:0::/64'],
  ['for=203.0.113.7, for=192.0.2.1;proto=https', '192.0.2.1'],
])('of the list %j the last entry counts, which the trusted proxy wrote', async (list, network) => {
  const limit = vi.fn(async (_: { key: string }) => ({ success: true }))
  const settings = { ...env, ADDRESS_HEADER: 'X-Forwarded-For', LOGIN_BY_ADDRESS: { limit } }
  await post('/login', { username: 'nobody', password: 'x' }, { settings, headers: { 'X-Forwarded-For': list } })
  expect(limit.mock.calls).toEqual([[{ key: network }]])
})
