/** Declares the values that the global setup provides to tests. */
import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    /** The URL of a store that answers everything with 502. */
    brokenDatabaseUrl: string
    /** Only for the tests in Node: see test/support/process/image.ts. */
    image: { root: string; workdir: string; entrypoint: string[] }
  }
}
