/** What an import asks of its process, before that has read a file, asked a network or loaded much. */
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'

const DEFAULT_POOL_THREADS = 4

/** Lets Web Crypto, which works in the threads of libuv's pool, have one for each core. The pool is made at its first use. */
export function useAllCores(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(Math.max(availableParallelism(), DEFAULT_POOL_THREADS))
}

/** Has garbage collected soon: V8 would let over 100 MB of it gather, though little of a file is needed at a time. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=20')
}
