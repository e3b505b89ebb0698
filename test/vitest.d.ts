/** What the global setup provides to every test. */
import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    /** Of a store that answers everything with 502. */
    brokenDatabaseUrl: string
    /** Of test/support/process/range-service.ts. */
    rangeServiceUrl: string
    /** For the tests in Node alone; see test/support/process/image.ts. */
    image: { root: string; workdir: string; entrypoint: string[] }
  }
}
