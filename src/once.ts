/** Work put off: an isolate starts with what every request needs, and makes the rest when a request first asks for it. */

/** Returns a function that makes something at its first call, and returns the same at every other. */
export function once<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined
  return () => {
    made ??= make()
    return made
  }
}
