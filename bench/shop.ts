/** The people of a shop, whose calls come in the mix that a shop has. */
import { setTimeout } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { times } from './people.ts'

/** The share of each call, in percent. */
const MIX = { verify: 60, refresh: 20, get: 10, login: 5, register: 5 } as const
type Call = keyof typeof MIX

/** Few enough that everybody refreshes long before an access token expires. */
const PEOPLE = 32
const PASSWORD = 'correct horse battery'

const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() })
const registeredSchema = z.object({ resourceId: z.string() })

/** Somebody with a session. */
interface Person {
  id: string
  username: string
  access_token: string
  refresh_token: string
}

/** When a session was rotated first and last, in milliseconds. */
interface Span {
  first: number
  last: number
}

/** A shop: its people, and how the service has answered them. */
export class Shop {
  /** How long each answer took, in milliseconds from the moment when the call was due. */
  readonly durations: Record<Call, number[]> = { verify: [], refresh: [], get: [], login: [], register: [] }
  /** The answers that were not 2xx, and the calls that got none. */
  readonly faults: string[] = []
  readonly #url: string
  readonly #idle: Person[] = []
  /** The sessions that have been rotated, by their ids. Only they have a row. */
  readonly #spans = new Map<string, Span>()
  readonly #start = performance.now()

  private constructor(url: string) {
    this.#url = url
  }

  /** Registers people and logs them in, a few at a time. */
  static async open(url: string): Promise<Shop> {
    const shop = new Shop(url)
    for (let missing = PEOPLE; missing > 0; missing -= 4) {
      shop.#idle.push(...(await Promise.all(times(4, async () => shop.#logIn(await shop.#register())))))
    }
    return shop
  }

  /** Lets everybody call as fast as the service answers. Returns the calls a second. */
  async useUp(seconds: number): Promise<number> {
    const end = performance.now() + seconds * 1000
    let calls = 0
    await Promise.all(
      this.#idle.splice(0).map(async (person) => {
        for (; performance.now() < end; calls++) await this.#call(person, performance.now())
      }),
    )
    return calls / seconds
  }

  /** Lets calls come at a steady rate, however long the answers take. Resolves after the last answer. */
  async serve(rate: number, seconds: number): Promise<void> {
    const start = performance.now()
    const calls: Set<Promise<void>> = new Set()
    for (let due = start; due < start + seconds * 1000; due += 1000 / rate) {
      await setTimeout(Math.max(0, due - performance.now()))
      const person = this.#idle.shift()
      if (!person) {
        this.faults.push('nobody was free to call')
        continue
      }
      const call = this.#call(person, due).then(() => {
        this.#idle.push(person)
        calls.delete(call)
      })
      calls.add(call)
    }
    await Promise.all(calls)
  }

  /**
   * Computes the rows of `sessions` by the formula of docs/capacity.md: new sessions a second, times how long each is in
   * use and then has a row that means something.
   */
  expectRows(rowSeconds: number): number {
    const inUse = [...this.#spans.values()].reduce((sum, { first, last }) => sum + last - first, 0)
    return (inUse + this.#spans.size * rowSeconds * 1000) / (performance.now() - this.#start)
  }

  async #call(person: Person, due: number): Promise<void> {
    const call = chooseCall()
    try {
      await this.#make(call, person)
      this.durations[call].push(performance.now() - due)
    } catch (error) {
      this.faults.push(`${call}: ${error}`)
    }
  }

  async #make(call: Call, person: Person): Promise<void> {
    const { id, access_token, refresh_token } = person
    if (call === 'verify') await this.#send('/verify-token', { access_token })
    if (call === 'get') await this.#send(`/users/${id}`)
    if (call === 'register') await this.#register()
    if (call === 'login') Object.assign(person, await this.#logIn(person))
    if (call === 'refresh') {
      Object.assign(person, tokensSchema.parse(await this.#send('/refresh-token', { refresh_token })))
      this.#note(refresh_token)
    }
  }

  async #register(): Promise<Pick<Person, 'id' | 'username'>> {
    const username = crypto.randomUUID()
    const person = {
      username,
      password: PASSWORD,
      firstname: 'Jane',
      lastname: 'Doe',
      email: `${username}@example.com`,
    }
    return { username, id: registeredSchema.parse(await this.#send('/register', person)).resourceId }
  }

  async #logIn({ id, username }: Pick<Person, 'id' | 'username'>): Promise<Person> {
    return { id, username, ...tokensSchema.parse(await this.#send('/login', { username, password: PASSWORD })) }
  }

  #note(refreshToken: string): void {
    const sid = String(decodeJwt(refreshToken).sid)
    const now = performance.now()
    this.#spans.set(sid, { first: this.#spans.get(sid)?.first ?? now, last: now })
  }

  /** Sends a call, as a POST of JSON or as a GET. Returns the answer's body. */
  async #send(path: string, body?: unknown): Promise<unknown> {
    const headers = { 'Content-Type': 'application/json' }
    const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await fetch(this.#url + path, init)
    const answer = await response.json()
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
}

/** Chooses a call at random. */
function chooseCall(): Call {
  let rest = Math.random() * 100
  for (const call of Object.keys(MIX) as Call[]) {
    rest -= MIX[call]
    if (rest < 0) return call
  }
  return 'verify'
}
