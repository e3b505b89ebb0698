import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { resetPassword } from '../../src/mail/messages.ts'
import { send } from '../../src/mail/send.ts'

const message = await resetPassword({ link: 'https://shop.example/#x', minutes: 15 })
const from = { email: 'users@shop.example', name: 'Shop' }
const TIMEOUT_MS = 20_000

/** A binding that answers with these, one after the other. */
function bindingOf(...answers: (() => Promise<EmailSendResult>)[]) {
  const binding = { send: vi.fn(() => answers[binding.send.mock.calls.length - 1]?.() ?? taken()) }
  return binding
}

const taken = async () => ({ messageId: 'x' })
const refused = (error: object) => () => Promise.reject(Object.assign(new Error('to canary@shop.example'), error))
const mailOf = (binding: SendEmail, timeoutMs = TIMEOUT_MS) => ({ binding, from, link: '', timeoutMs })

test('the simulation of the runtime takes a message', async () => {
  const spy = vi.fn((sent) => env.EMAIL.send(sent))
  await send(mailOf({ send: spy }), 'jane@shop.example', message)
  expect(spy.mock.calls).toEqual([[{ from, to: 'jane@shop.example', ...message }]])
  expect(await spy.mock.results[0]?.value).toEqual({ messageId: expect.stringContaining('@shop.example') })
})

test('a message that is refused is tried again once, and then no more', async () => {
  const once = bindingOf(refused({ code: 'E_INTERNAL_SERVER_ERROR' }))
  await send(mailOf(once), 'jane@shop.example', message)
  expect(once.send).toHaveBeenCalledTimes(2)

  const twice = bindingOf(refused({ code: 'E_INTERNAL_SERVER_ERROR' }), refused({ code: 'E_RATE_LIMIT_EXCEEDED' }))
  await expect(send(mailOf(twice), 'jane@shop.example', message)).rejects.toThrow(/^E_RATE_LIMIT_EXCEEDED$/)
  expect(twice.send).toHaveBeenCalledTimes(2)
})

test('a failure names no address, whatever the mail service says [V16.2.5]', async () => {
  for (const error of [{}, { code: 'to canary@shop.example' }, { code: { toString: () => 'canary' } }]) {
    const binding = bindingOf(refused(error), refused(error))
    await expect(send(mailOf(binding), 'jane@shop.example', message)).rejects.not.toThrow('canary')
  }
})

test('a service that does not answer is given up, and not asked twice', async () => {
  const binding = bindingOf(() => new Promise(() => {}))
  await expect(send(mailOf(binding, 1), 'jane@shop.example', message)).rejects.toThrow('no answer within 1 ms')
  expect(binding.send).toHaveBeenCalledTimes(1)
})
