import { MetabonkError } from '../errors.ts'
import { deterministicMath } from '../math/index.ts'

const clock = 'use world.step, the only clock of a simulation'
const dice = 'use world.rng(stream, row), or chance and roll in a machine'
const order = 'do it in a system: a simulation has no time of its own and waits for nothing'
const outside = 'bring it in as a setting or as a recorded input'

/** What a simulation may not reach: path from the global object, and what to use instead. */
const forbidden: readonly (readonly [path: string, todo: string])[] = [
  ['Date.now', clock],
  ['Date.parse', clock],
  ['performance.now', clock],
  ['performance.timeOrigin', clock],
  ['Math.random', dice],
  ['crypto.getRandomValues', dice],
  ['crypto.randomUUID', dice],
  ['crypto.subtle', dice],
  ['setTimeout', order],
  ['setInterval', order],
  ['setImmediate', order],
  ['queueMicrotask', order],
  ['fetch', outside],
  ['WebSocket', outside],
  ['process.env', outside],
  ['process.hrtime', clock],
  ['process.uptime', clock],
  ['process.memoryUsage', outside],
  ['process.nextTick', order],
  ['WeakRef', 'keep a strong reference: garbage collection has no step'],
  ['FinalizationRegistry', 'free things in a system: garbage collection has no step'],
  ['Intl.DateTimeFormat', 'format outside the simulation: locales differ between machines'],
  ['Intl.NumberFormat', 'format outside the simulation: locales differ between machines'],
  ['Intl.Collator', 'compare with < and >: locales differ between machines'],
  ['String.prototype.localeCompare', 'compare with < and >: locales differ between machines'],
  ['String.prototype.toLocaleLowerCase', 'use toLowerCase: locales differ between machines'],
  ['String.prototype.toLocaleUpperCase', 'use toUpperCase: locales differ between machines'],
  ['Number.prototype.toLocaleString', 'use toString: locales differ between machines'],
  ['Array.prototype.toLocaleString', 'use join: locales differ between machines'],
]

/** Intrinsics whose change by a world would reach other worlds' code and ours. */
const frozen = ['Math', 'JSON', 'Reflect', 'Array', 'Map', 'Set', 'String', 'Number', 'Boolean', 'RegExp', 'Promise', 'Symbol', 'Float32Array', 'Float64Array', 'Int32Array', 'Uint32Array', 'Uint16Array', 'Uint8Array', 'DataView', 'Atomics'] as const

function refusal(name: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-forbidden', what: `${name} is not available in a simulation`, todo })
}

/** Replaces one function or value by something that throws when it is called or read. */
function forbid(scope: typeof globalThis, path: string, todo: string): void {
  const names = path.split('.')
  const last = names.pop() ?? path
  let holder: Record<string, unknown> = scope
  for (const name of names) {
    const next = holder[name]
    if (next === null || (typeof next !== 'object' && typeof next !== 'function')) return
    holder = next as Record<string, unknown>
  }
  if (!(last in holder)) return
  // A function expression, so that `new` reaches it as well.
  const refuse = function (): never {
    throw refusal(path, todo)
  }
  if (holder === (scope.Math as unknown)) {
    // Assigned for the same reason as its other functions.
    holder[last] = refuse
    return
  }
  // A value is refused when read, a function when called: code that only looks whether it is there goes on.
  const value = last === 'env' || last === 'subtle' || last === 'timeOrigin' ? { get: refuse } : { value: refuse, writable: false }
  Object.defineProperty(holder, last, { ...value, configurable: true, enumerable: false })
}

/** `new Date()` and `Date()` read the clock; a Date of given parts does not, but its local time zone differs between machines. */
function lockDate(scope: typeof globalThis): void {
  const locked = function Date(): never {
    throw refusal('Date', clock)
  }
  Object.defineProperty(locked, 'prototype', { value: scope.Date.prototype })
  for (const name of ['now', 'parse', 'UTC']) {
    Object.defineProperty(locked, name, {
      value: (): never => {
        throw refusal(`Date.${name}`, clock)
      },
    })
  }
  Object.defineProperty(scope, 'Date', { value: locked, configurable: true, writable: false })
}

/**
 * Freezes a prototype. Those of typed arrays key by key: `Object.freeze` gives them frozen elements, and every access to a
 * typed array leaves its fast path (a step of 10,000 flocking agents took 1.8 times as long).
 */
function seal(name: string, prototype: object): void {
  if (!/[0-9]Array$/.test(name)) {
    Object.freeze(prototype)
    return
  }
  for (const key of Reflect.ownKeys(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key)
    Object.defineProperty(prototype, key, descriptor !== undefined && 'value' in descriptor ? { writable: false, configurable: false } : { configurable: false })
  }
  Object.preventExtensions(prototype)
}

/** The function as a member of Math: like any of them it takes whatever converts to a number. */
function converting(exact: (...values: number[]) => number): (...values: unknown[]) => number {
  if (exact.length === 1) return (x) => exact(Number(x))
  if (exact.length === 2) return (x, y) => exact(Number(x), Number(y))
  return (...values) => exact(...values.map(Number))
}

/**
 * Locks the realm of a simulation thread (determinism contract, rule 3): what reads a clock, an entropy source, the environment
 * or the machine's locale throws a `world-forbidden` error that says what to use instead; `Math.sin` and its family become
 * `runtime/math`; intrinsic objects are frozen. To be called after everything of ours was loaded, before world code is.
 */
export function lockRealm(scope: typeof globalThis): void {
  for (const [path, todo] of forbidden) forbid(scope, path, todo)
  lockDate(scope)
  // Assigned, not defined anew: that would turn Math into a dictionary, and every call of it would take a third longer.
  for (const [name, exact] of Object.entries(deterministicMath)) Object.assign(scope.Math, { [name]: converting(exact) })
  for (const name of frozen) {
    const intrinsic = scope[name] as { readonly prototype?: object }
    Object.freeze(intrinsic)
    if (intrinsic.prototype !== undefined) seal(name, intrinsic.prototype)
  }
  // Frozen, these two would make `object.toString = ...` and `prototype.constructor = ...` throw everywhere: they only take nothing new.
  Object.preventExtensions(scope.Object.prototype)
  Object.preventExtensions(scope.Function.prototype)
}
