/** What workerd adds to Web Crypto and Node's typings lack, for the Worker's modules that are also used in Node. */
import 'node:crypto'

declare module 'node:crypto' {
  namespace webcrypto {
    interface SubtleCrypto {
      timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean
    }
  }
}
