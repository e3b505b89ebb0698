import { answer } from '../answer.ts'
import { createRouter } from '../context.ts'
import { ping } from '../db/store.ts'
import type { HealthResponse } from '../schemas/responses.ts'

/** `GET /health`: the Worker is alive, no statement. `GET /health/ready`: so is the store, one trivial statement. */
export const health = createRouter()
  .get('/health', (c) => answer<HealthResponse, 200>(c, { message: 'OK', status: 200 }, 200))
  .get('/health/ready', async (c) => {
    await ping(c.get('isolate').store)
    return answer<HealthResponse, 200>(c, { message: 'OK', status: 200 }, 200)
  })
