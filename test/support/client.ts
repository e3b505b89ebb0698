/** Calls the Worker in its own isolate, as a client of the shop would. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import worker from '../../src/index.ts'

/** What a test may add to a call. */
export interface CallOptions {
  headers?: Record<string, string>
  /** Settings that differ from those in vitest.config.ts, for this call. */
  settings?: Record<string, string | number | null>
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

/** `GET path` */
export function get(path: string, { headers = {}, settings }: CallOptions = {}): Promise<Answer> {
  return send(path, { headers }, settings)
}

/** `POST path` with a JSON body; a string is sent as it is. */
export function post(path: string, body: unknown, { headers = {}, settings }: CallOptions = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return send(
    path,
    { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: text },
    settings,
  )
}
