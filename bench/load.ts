/** Puts one server under load with autocannon, and measures how it did. */
import autocannon from 'autocannon'
import type { Workerd } from './workerd.ts'

/** A request: a POST of JSON, or a GET if it has no body. */
export interface Call {
  path: string
  body?: unknown
  headers?: Record<string, string>
}

/** The requests of one connection. The next one may depend on the answers before it. */
export interface Conversation {
  next(): Call
  receive?(body: string): void
}

/** The load on a server. */
export interface Load {
  connections: number
  /** The requests that each connection repeats, or a function that is called for each connection. */
  traffic: readonly Call[] | (() => Conversation)
  seconds: number
  /** Ends the load after this many requests instead, if they take so long that `seconds` would cut them off. */
  requests?: number
}

/** The figures of one side under load. Times are in milliseconds. */
export interface Figures {
  /** Requests per second, unless its row says otherwise. */
  rate: number
  p50: number
  p99: number
  /** CPU time of workerd per request; null where the system does not say. */
  cpuMs: number | null
  /** The share of one core that workerd took. */
  busy: number | null
}

/** An answer was not 2xx, or a request got none, so the figures mean nothing. */
export class FailedLoad extends Error {}

/**
 * Puts a server under load.
 * @throws {FailedLoad} when an answer is not 2xx or missing
 */
export async function applyLoad(workerd: Workerd, load: Load): Promise<Figures> {
  const start = performance.now()
  const durations: number[] = []
  let end = start
  const onAnswer = (duration: number) => {
    durations.push(duration)
    end = performance.now()
  }
  const { result, cpuMs } = await spendCpu(workerd, () => run(workerd.url, load, onAnswer))
  const lost = countLost(result, load, durations.length)
  if (result.non2xx + result.errors + lost > 0) {
    const statuses = Object.entries(result.statusCodeStats ?? {}).map(([status, { count }]) => `${count} × ${status}`)
    throw new FailedLoad(
      `${workerd.url} answered ${statuses.join(', ')}; errors of connections: ${result.errors}, requests without an answer: ${lost}`,
    )
  }
  return {
    rate: (durations.length / (end - start)) * 1000,
    ...rank(durations),
    cpuMs: cpuMs && cpuMs / durations.length,
    busy: cpuMs && cpuMs / (end - start),
  }
}

/**
 * Sends one request; returns the headers and the text of its answer.
 * @throws {FailedLoad} when the answer is not 2xx
 */
export async function send({ url }: Workerd, call: Call): Promise<{ headers: Headers; text: string }> {
  const { path, ...init } = describeCall(call)
  const response = await fetch(`${url}${path}`, init)
  const text = await response.text()
  if (!response.ok) throw new FailedLoad(`${url}${path} answered ${response.status}: ${text}`)
  return { headers: response.headers, text }
}

/** Counts the requests without an answer, which autocannon does not. When time is up, each connection may have one. */
function countLost(
  { requests: { sent } }: autocannon.Result,
  { connections, requests }: Load,
  answered: number,
): number {
  return sent - answered - (requests === undefined ? connections : 0)
}

/** Does some work, and returns the CPU time in ms that it took of workerd, or null if the system does not say. */
export async function spendCpu<Result>(
  workerd: Workerd,
  work: () => Promise<Result>,
): Promise<{ result: Result; cpuMs: number | null }> {
  const before = await workerd.readCpuMs()
  const result = await work()
  const after = await workerd.readCpuMs()
  return { result, cpuMs: before === null || after === null ? null : after - before }
}

function run(url: string, { connections, traffic, seconds, requests }: Load, onAnswer: (duration: number) => void) {
  return new Promise<autocannon.Result>((resolve, reject) => {
    const options: autocannon.Options = {
      url,
      connections,
      duration: seconds,
      timeout: 60,
      ...(requests === undefined ? {} : { amount: requests }),
      ...(typeof traffic === 'function'
        ? { setupClient: (client) => client.setRequests([describeConversation(traffic())]) }
        : { requests: traffic.map(describeCall) }),
    }
    autocannon(options, (error, result) => (error ? reject(error) : resolve(result))).on(
      'response',
      (_client, _status, _bytes, duration) => onAnswer(duration),
    )
  })
}

function describeCall({ path, body, headers }: Call) {
  if (body === undefined) return { method: 'GET' as const, path, headers: { ...headers } }
  const withType = { 'content-type': 'application/json', ...headers }
  return { method: 'POST' as const, path, headers: withType, body: JSON.stringify(body) }
}

function describeConversation(conversation: Conversation): autocannon.Request {
  return {
    setupRequest: (defaults) => ({ ...defaults, ...describeCall(conversation.next()) }),
    onResponse: (_status, body) => conversation.receive?.(body),
  }
}

/** Returns the durations that half, and 99 of 100, do not exceed. */
export function rank(durations: readonly number[]): Pick<Figures, 'p50' | 'p99'> {
  const sorted = durations.toSorted((a, b) => a - b)
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }
}

/** Returns the value that a share of the sorted values does not exceed. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
