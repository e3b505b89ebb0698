/** Declares the values that the global setup provides to tests. */
import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    /** The URL of a store that answers everything with 502. */
    brokenDatabaseUrl: string
    /** The URL of test/support/process/range-service.ts. */
    rangeServiceUrl: string
    /** The folder from which the container serves. Only tests with processes have it. */
    app: string
  }
}
