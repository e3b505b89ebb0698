import { describe, expect, test } from 'vitest'
import * as messages from '../../src/mail/messages.ts'

const link = { link: 'https://shop.example/account?a=1&b=%22#password-reset=ey.J-_', minutes: 15 }
/** An address that the schemas accept, with every character that means something in HTML or could. */
const address = "o'neill&co`{|}@acmefitness.com"

const all = [
  { name: 'resetPassword', make: () => messages.resetPassword(link), says: link.link },
  { name: 'verifyEmail', make: () => messages.verifyEmail(link), says: link.link },
  { name: 'passwordChanged', make: messages.passwordChanged, says: 'was changed' },
  { name: 'emailChangeAsked', make: () => messages.emailChangeAsked(address), says: address },
  { name: 'emailChanged', make: () => messages.emailChanged(address), says: address },
]

/** The text of a page, as a browser would show it. */
const readHtml = (html: string) =>
  html
    .replace(/^.*<body>/s, '')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(
      /&(lt|gt|quot|#39|amp);/g,
      (_, name) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[String(name)] ?? '',
    )

describe.each(all)('$name', ({ make, says }) => {
  test('says the same in text and in HTML', async () => {
    const { text, html } = await make()
    expect(text).toContain(says)
    expect(readHtml(html)).toBe(text.replaceAll('\n', ''))
  })

  test('has a subject of one line that nothing is put into [V1.3.11]', async () => {
    expect((await make()).subject).toMatch(/^[A-Z][a-z ]+$/)
  })

  test('escapes all that is put into its HTML [V1.2.1]', async () => {
    const { html } = await make()
    expect(html).not.toMatch(/&(?!amp;|#39;|quot;|lt;|gt;)/)
    expect(html.replaceAll(/<[^>]*>/g, '')).not.toMatch(/['"<>]/)
  })
})

test('a link is one attribute and leads where it says', async () => {
  const { html } = await messages.resetPassword(link)
  const [, href = '', shown] = /<a href="([^"]*)">([^<]*)<\/a>/.exec(html) ?? []
  expect(href.replaceAll('&amp;', '&')).toBe(link.link)
  expect(shown).toBe(href)
})
