/** What the tests of races have in common: many of one thing. */

/** Makes so many of something; promises among them run at once. */
export function times<Result>(count: number, make: (index: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
