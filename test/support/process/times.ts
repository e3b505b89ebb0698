/** Makes many of one thing, for the tests of races. */

/** Makes `count` of something. Promises among them run at once. */
export function times<Result>(count: number, make: (index: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
