/** What the global setup provides to every test. */
import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    /** Of a store that answers everything with 502. */
    brokenDatabaseUrl: string
    /** The folder from which the container serves; only for tests with processes. */
    app: string
  }
}
