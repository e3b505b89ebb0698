/** The clock of this Worker, which tests set in place of waiting. */
const System = Date

/** Sets the clock so many seconds before that of the system. */
export function setClock(secondsAhead: number): void {
  const now = () => System.now() + secondsAhead * 1000
  globalThis.Date = new Proxy(System, {
    construct: (target, given) => Reflect.construct(target, given.length > 0 ? given : [now()]),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
}
