/** Declares what workerd has and Node's typings lack, for the Worker's modules that are also used in Node. */
import type { webcrypto } from 'node:crypto'

declare global {
  type CryptoKey = webcrypto.CryptoKey
}

declare module 'node:crypto' {
  namespace webcrypto {
    interface SubtleCrypto {
      timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean
    }
  }
}
