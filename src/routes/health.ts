import { createRouter } from '../context.ts'
import { ping } from '../db/client.ts'
import type { HealthResponse } from '../responses.ts'

/** `GET /health`: the Worker is alive, no statement. `GET /health/ready`: so is the store, one trivial statement. */
export const health = createRouter()
  .get('/health', (c) => c.json<HealthResponse, 200>({ message: 'OK', status: 200 }, 200))
  .get('/health/ready', async (c) => {
    await ping(c.var.database)
    return c.json<HealthResponse, 200>({ message: 'OK', status: 200 }, 200)
  })
