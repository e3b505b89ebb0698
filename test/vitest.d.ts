/** What the global setup provides to every test. */
import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
  }
}
