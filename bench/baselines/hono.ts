/** The baseline of a start: a Hono app with one route, which reads JSON and answers JSON. */
import { Hono } from 'hono'

const app = new Hono()

app.post('/verify-token', async (c) => {
  await c.req.json()
  return c.json({ message: 'Token Valid. User Authorized', status: 200 })
})

export default app
