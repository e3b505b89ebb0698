import { expect, inject, test, vi } from 'vitest'
import { get } from '../support/client.ts'

test('/health succeeds while the Worker is alive, without a statement [V13.4.5]', async () => {
  const fetch = vi.spyOn(globalThis, 'fetch')
  const { status, text } = await get('/health', { settings: { DATABASE_URL: inject('brokenDatabaseUrl') } })
  expect([status, text]).toEqual([200, '{"message":"OK","status":200}'])
  expect(fetch).not.toHaveBeenCalled()
})

test.each([
  { DATABASE_URL: null },
  { DATABASE_URL: 'postgres://u:p@db.abcd.supabase.co/x' },
  { ACCESS_TOKEN_KEY: 'short' },
  { REFRESH_ROTATION: 'On' },
  { CORS_ORIGINS: 'shop.example' },
])('/health succeeds and /health/ready does not where a setting is wrong: %j', async (settings) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  for (const path of ['/health', '/health/']) expect((await get(path, { settings })).status).toBe(200)
  expect(log).not.toHaveBeenCalled()
  expect((await get('/health/ready', { settings })).status).toBe(500)
})

test('/health/ready succeeds while the store answers, with one statement [V13.4.5]', async () => {
  const fetch = vi.spyOn(globalThis, 'fetch')
  const { status, text } = await get('/health/ready')
  expect([status, text]).toEqual([200, '{"message":"OK","status":200}'])
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('/health/ready rejects with 503 while the store does not answer [V16.5.2]', async () => {
  const { status, headers } = await get('/health/ready', { settings: { DATABASE_URL: inject('brokenDatabaseUrl') } })
  expect([status, headers.get('Retry-After')]).toEqual([503, '5'])
})
