/** The baseline of the whole list: it reads pages with the bare driver, one after another, and streams them as JSON. */
import { neon } from '@neondatabase/serverless'
import { reachLocalStore, type StatementEnv } from './store.ts'

const PAGE_USERS = 5_000

reachLocalStore()

export default {
  async fetch(_, env) {
    const pages = readPages(env)
    const encoder = new TextEncoder()
    const stream = new ReadableStream({
      async pull(controller) {
        const { done, value } = await pages.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
    })
    return new Response(stream, { headers: { 'Content-Type': 'application/json' } })
  },
} satisfies ExportedHandler<StatementEnv>

async function* readPages({ DATABASE_URL, SQL }: StatementEnv): AsyncGenerator<string> {
  const client = neon(DATABASE_URL)
  for (let after = ''; ; ) {
    const page = await client.query(SQL, [after, PAGE_USERS])
    yield JSON.stringify(page)
    if (page.length < PAGE_USERS) return
    after = String(page.at(-1)?.id)
  }
}
