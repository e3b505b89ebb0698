/** The people of a shop, whose calls come in the mix that a shop has. */
import { setTimeout } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { send } from './load.ts'
import { describePerson, PASSWORD, times } from './people.ts'
import type { Workerd } from './workerd.ts'

/** The share of each call, in percent. */
const MIX = { verify: 60, refresh: 20, get: 10, login: 5, register: 5 } as const
type Kind = keyof typeof MIX

/** Few enough that everybody refreshes long before an access token expires. */
const PEOPLE = 32

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
  readonly durations: Record<Kind, number[]> = { verify: [], refresh: [], get: [], login: [], register: [] }
  /** The answers that were not 2xx, and the calls that got none. */
  readonly faults: string[] = []
  readonly #workerd: Workerd
  readonly #idle: Person[] = []
  /** The sessions that have been rotated, by their ids. Only they have a row. */
  readonly #spans = new Map<string, Span>()
  readonly #start = performance.now()

  private constructor(workerd: Workerd) {
    this.#workerd = workerd
  }

  /** Registers people and logs them in, a few at a time. */
  static async open(workerd: Workerd): Promise<Shop> {
    const shop = new Shop(workerd)
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
    const kind = chooseKind()
    try {
      await this.#make(kind, person)
      this.durations[kind].push(performance.now() - due)
    } catch (error) {
      this.faults.push(`${kind}: ${error}`)
    }
  }

  async #make(kind: Kind, person: Person): Promise<void> {
    const { id, access_token, refresh_token } = person
    if (kind === 'verify') await this.#send('/verify-token', { access_token })
    if (kind === 'get') await this.#send(`/users/${id}`)
    if (kind === 'register') await this.#register()
    if (kind === 'login') Object.assign(person, await this.#logIn(person))
    if (kind === 'refresh') {
      Object.assign(person, tokensSchema.parse(await this.#send('/refresh-token', { refresh_token })))
      this.#note(refresh_token)
    }
  }

  async #register(): Promise<Pick<Person, 'id' | 'username'>> {
    const username = crypto.randomUUID()
    return { username, id: registeredSchema.parse(await this.#send('/register', describePerson(username))).resourceId }
  }

  async #logIn({ id, username }: Pick<Person, 'id' | 'username'>): Promise<Person> {
    return { id, username, ...tokensSchema.parse(await this.#send('/login', { username, password: PASSWORD })) }
  }

  #note(refreshToken: string): void {
    const sid = String(decodeJwt(refreshToken).sid)
    const now = performance.now()
    this.#spans.set(sid, { first: this.#spans.get(sid)?.first ?? now, last: now })
  }

  /** Sends a call; returns the JSON of its answer. */
  async #send(path: string, body?: unknown): Promise<unknown> {
    return JSON.parse((await send(this.#workerd, { path, body })).text)
  }
}

/** Chooses the next call at random. */
function chooseKind(): Kind {
  let rest = Math.random() * 100
  for (const kind of Object.keys(MIX) as Kind[]) {
    rest -= MIX[kind]
    if (rest < 0) return kind
  }
  return 'verify'
}
