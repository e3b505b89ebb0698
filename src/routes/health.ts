import { answer, createRouter } from '../context.ts'
import { ping } from '../db/client.ts'
import type { HealthResponse } from '../schemas/responses.ts'

/** `GET /health`: the Worker is alive, no statement. `GET /health/ready`: so is the store, one trivial statement. */
export const health = createRouter()
  .get('/health', (c) => answer<HealthResponse>(c, { message: 'OK', status: 200 }))
  .get('/health/ready', async (c) => {
    await ping(c.get('services').store)
    return answer<HealthResponse>(c, { message: 'OK', status: 200 })
  })
