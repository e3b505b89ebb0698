/** The settings and calls of the service for tests, on bare workerd or as `wrangler dev` runs it. */
import { randomBytes } from 'node:crypto'

/** Makes keys for tokens. */
export function makeKeys() {
  return {
    ACCESS_TOKEN_KEY: randomBytes(32).toString('base64url'),
    REFRESH_TOKEN_KEY: randomBytes(32).toString('base64url'),
  }
}

/** Cheap passwords and a long deadline, because hundreds of calls at once may wait for their turn on a small machine. */
export const patient = { PBKDF2_ITERATIONS: '1000', DATABASE_TIMEOUT_SECONDS: '60' }

/** An answer as text and parsed. The parsed answer is empty if it is no object. */
export interface Answer {
  status: number
  text: string
  json: Record<string, unknown>
}

/** The calls of the service. */
export interface Calls {
  call(method: string, path: string, body?: unknown, token?: string, headers?: Record<string, string>): Promise<Answer>
  get(path: string): Promise<Answer>
  post(path: string, body: unknown): Promise<Answer>
}

/** A request as both ways to run the service take it. */
interface Call {
  method: string
  headers: Record<string, string>
  body?: string
}

/** Makes the calls of a function that answers requests. */
export function createCalls(send: (path: string, call: Call) => Promise<Pick<Response, 'status' | 'text'>>): Calls {
  const call: Calls['call'] = async (method, path, body, token, headers = {}) => {
    const response = await send(path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} }
  }
  return { call, get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) }
}
