import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { SETTING_NAMES } from '../../src/config.ts'
import { prepareServices } from '../../src/services.ts'
import { findUnknownNames } from '../../src/settings/names.ts'

test.each([
  ['REFRESH_ROTATIONS', 'REFRESH_ROTATION'],
  ['USERS_ACESS', 'USERS_ACCESS'],
  ['TOKEN_AUDIENCES', 'TOKEN_AUDIENCE'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['CORS-ORIGINS', 'CORS_ORIGINS'],
  ['refresh_rotation', 'REFRESH_ROTATION'],
  ['RATE_LIMIT', 'RATE_LIMITS'],
  ['UESRS_ACCESS', 'USERS_ACCESS'],
  ['LOG_LEVEL', null],
  ['MY_OWN_VAR', null],
])('%s is near to %s', (name, near) => {
  expect(findUnknownNames([name], SETTING_NAMES)).toEqual([{ name, near }])
})

test('no setting is unknown', () => expect(findUnknownNames(SETTING_NAMES, SETTING_NAMES)).toEqual([]))

test('the Worker says once which of its settings look misspelt, and never with their values', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const settings = { ...env, USERS_ACESS: 'canary', LOG_LEVEL: 'canary' }
  await Promise.all([prepareServices(settings), prepareServices(settings)])
  await prepareServices(settings)
  const lines = log.mock.calls.map(([line]) => JSON.parse(line)).filter(({ event }) => event === 'unknown_setting')
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', name: 'USERS_ACESS', near: 'USERS_ACCESS' })])
  expect(String(log.mock.calls)).not.toContain('canary')
})
