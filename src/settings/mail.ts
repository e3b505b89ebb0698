/** Parses the settings of mail: its sender, and the page that the links in messages lead to. */
import { isLoopback } from './database.ts'

const ADDRESS = /^[^\s<>"',;:@]+@[^\s<>"',;:@]+$/
/** Without the characters that mean something in a header. */
const NAMED = /^([^\p{Cc}<>"@,;:]+?) *<([^<>]+)>$/u

/** The form of a sender, to be read after the setting's name. */
export const SENDER_FORM = 'must read users@shop.example or Shop <users@shop.example>'

/** The form of a link, to be read after the setting's name. */
export const MAIL_LINK_FORM = 'must read https://shop.example/account, without a # part: the proof goes there'

/** The sender of a message, as the binding takes it. */
export interface Sender {
  email: string
  name: string
}

/** Parses a sender; null for anything else. Without a name, the address is the name. */
export function parseSender(text: string): Sender | null {
  const [, name = text, email = text] = NAMED.exec(text) ?? []
  return ADDRESS.test(email) ? { email, name } : null
}

/** Says whether the links in messages may lead to a page: by HTTPS, or on this machine. */
export function isMailLink(text: string): boolean {
  const url = URL.parse(text)
  if (!url || text.includes('#')) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}
