/** Runs before each test file in Node. What a test sets in the environment ends with it, because files share a process. */
import { afterEach, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
})
