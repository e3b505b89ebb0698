import { answer, createRouter } from '../context.ts'
import { ping } from '../db/client.ts'
import type { HealthResponse } from '../schemas/responses.ts'

/** `GET /health`: the Worker is alive. No statement, and no setting can make it fail. */
export const health = createRouter().get('/health', (c) => answer<HealthResponse>(c, { message: 'OK', status: 200 }))

/** `GET /health/ready`: the settings are good and the store answers, with one trivial statement. */
export const ready = createRouter().get('/health/ready', async (c) => {
  await ping(c.get('services').store)
  return answer<HealthResponse>(c, { message: 'OK', status: 200 })
})
