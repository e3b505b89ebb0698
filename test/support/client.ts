/** Calls the Worker in its own isolate, as a client of the shop would. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import worker from '../../src/index.ts'

/** What a test may add to a call. */
export interface CallOptions {
  headers?: Record<string, string>
  /** An access token to bear. */
  token?: string
  /** Settings that differ from those in vitest.config.ts, for this call. */
  settings?: Record<string, unknown>
}

/** A response with its body read. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: a body is whatever the Worker says; the assertion decides.
  json: any
}

/** Sends a request and waits for what the Worker still does after the response. */
export async function send(
  path: string,
  init: RequestInit<IncomingRequestCfProperties> = {},
  settings?: CallOptions['settings'],
): Promise<Answer> {
  const context = createExecutionContext()
  const bindings = settings ? { ...env, ...settings } : env
  const request = new Request<unknown, IncomingRequestCfProperties>(`https://user.example${path}`, init)
  const response = await worker.fetch(request, bindings, context)
  const text = await response.text()
  await waitOnExecutionContext(context)
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text.startsWith('{') ? JSON.parse(text) : null,
  }
}

/** Makes a call with a JSON body, or with none. A string is sent as it is. */
export function call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
  const { headers, token, settings } = options
  const init = {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
  }
  return send(path, init, settings)
}

/** `GET path` */
export function get(path: string, options?: CallOptions): Promise<Answer> {
  return call('GET', path, undefined, options)
}

/** `POST path` with a JSON body. */
export function post(path: string, body: unknown, options?: CallOptions): Promise<Answer> {
  return call('POST', path, body, options)
}
