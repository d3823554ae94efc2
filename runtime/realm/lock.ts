import { MetabonkError } from '../errors.ts'
import { deterministicMath } from '../math/index.ts'

const clock = 'use world.step, the only clock of a simulation'
const dice = 'use world.rng(stream, row), or chance and roll in a machine'
const order = 'do it in a system: a simulation has no time of its own and waits for nothing'
const generated = 'write the code out: what is made while it runs is neither checked nor lowered'
const outside = 'bring it in as a setting or as a recorded input'

/** Members of what the language itself gives that a simulation may not use: path from the global object, and what to use instead. */
const forbidden: readonly (readonly [path: string, todo: string])[] = [
  ['Math.random', dice],
  ['Atomics.waitAsync', order],
  ['WeakRef', 'keep a strong reference: garbage collection has no step'],
  ['FinalizationRegistry', 'free things in a system: garbage collection has no step'],
  ['String.prototype.localeCompare', 'compare with < and >: locales differ between machines'],
  ['String.prototype.toLocaleLowerCase', 'use toLowerCase: locales differ between machines'],
  ['String.prototype.toLocaleUpperCase', 'use toUpperCase: locales differ between machines'],
  ['Number.prototype.toLocaleString', 'use toString: locales differ between machines'],
  ['BigInt.prototype.toLocaleString', 'use toString: locales differ between machines'],
  ['Array.prototype.toLocaleString', 'use join: locales differ between machines'],
  ['Object.prototype.toLocaleString', 'use toString: locales differ between machines'],
]

/**
 * Globals that stay: the language, less what reads a clock, chance or place, and what turns values into others. Everything
 * else a host puts into the global object is refused, whatever it will be called.
 */
const allowed: ReadonlySet<string> = new Set(
  [
    'globalThis global Infinity NaN undefined isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape',
    'Object Array Number Boolean String Symbol BigInt Promise RegExp Map Set WeakMap WeakSet Iterator Proxy Reflect JSON Math',
    'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError DOMException',
    'ArrayBuffer SharedArrayBuffer Atomics DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array',
    'Float16Array Float32Array Float64Array BigInt64Array BigUint64Array',
    'console structuredClone TextEncoder TextDecoder URL URLSearchParams atob btoa',
    // Handled on their own.
    'Date Function eval WeakRef FinalizationRegistry',
  ].flatMap((line) => line.split(' ')),
)

/** What to use instead of a host's global; those not named here are said to come from outside. */
const instead: Readonly<Record<string, string>> = {
  performance: clock,
  crypto: dice,
  setTimeout: order,
  setInterval: order,
  setImmediate: order,
  queueMicrotask: order,
  scheduler: order,
  Intl: 'format and compare outside the simulation: locales differ between machines',
  WebAssembly: 'write it in TypeScript: compiled code is not part of the contract',
}

/** Intrinsics whose change by a world would reach other worlds' code and ours. */
const frozen = ['Math', 'JSON', 'Reflect', 'Array', 'Map', 'Set', 'String', 'Number', 'Boolean', 'RegExp', 'Promise', 'Symbol', 'BigInt', 'WeakMap', 'WeakSet', 'Proxy', 'ArrayBuffer', 'SharedArrayBuffer', 'Float32Array', 'Float64Array', 'Int32Array', 'Uint32Array', 'Int16Array', 'Int8Array', 'Uint16Array', 'Uint8Array', 'Uint8ClampedArray', 'BigInt64Array', 'BigUint64Array', 'DataView', 'Atomics'] as const

function refusal(name: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-forbidden', what: `${name} is not available in a simulation`, todo })
}

/** Replaces one function or value by something that throws when it is called or read. */
function forbid(scope: object, path: string, todo: string): void {
  const names = path.split('.')
  const last = names.pop() ?? path
  let holder = scope as Record<string, unknown>
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
  if (names[0] === 'Math') {
    // Assigned for the same reason as its other functions.
    holder[last] = refuse
    return
  }
  Object.defineProperty(holder, last, { value: refuse, writable: false, configurable: true, enumerable: false })
}

/**
 * Stands where something of the host was: code that only looks whether it is there goes on; who calls it, makes one of it or
 * reads a member is refused by that name. A function for all of them: looking what each is would make Node load it.
 */
function refusing(name: string, kept: Readonly<Record<string, unknown>>): object {
  const todo = instead[name] ?? outside
  const refuse = (): never => {
    throw refusal(name, todo)
  }
  // A function expression, for the same reason as in forbid.
  return new Proxy(function () { refuse() }, {
    apply: refuse,
    construct: refuse,
    set: refuse,
    defineProperty: refuse,
    get: (target, key) => {
      if (typeof key === 'symbol' || key === 'prototype') return Reflect.get(target, key) as unknown
      if (key in kept) return kept[key]
      throw refusal(`${name}.${key}`, todo)
    },
  })
}

/** Refuses every global that is not the language's own. */
function lockHost(scope: typeof globalThis): void {
  for (const name of Object.getOwnPropertyNames(scope)) {
    if (allowed.has(name)) continue
    // The thread pool looks at the streams of its thread after every task.
    const kept = name === 'process' ? { stdout: scope.process.stdout, stderr: scope.process.stderr } : {}
    Object.defineProperty(scope, name, { value: refusing(name, kept), writable: false, configurable: true, enumerable: false })
  }
}

/** Refuses code made from text at every door: `Function` by its name, it and its kin as the constructors of functions. */
function lockGenerators(scope: typeof globalThis): void {
  const { prototype } = scope.Function
  const kinds = new scope.Function('return [() => 0, async () => 0, function* () {}, async function* () {}]') as () => object[]
  for (const kind of kinds()) forbid({ kind: Object.getPrototypeOf(kind) as object }, 'kind.constructor', generated)
  forbid(scope, 'eval', generated)
  forbid(scope, 'Function', generated)
  Object.defineProperty(scope.Function, 'prototype', { value: prototype })
}

/** `new Date()` and `Date()` read the clock; a Date of given parts does not, but its local time zone differs between machines. */
function lockedDate(): object {
  const locked = function Date(): never {
    throw refusal('Date', clock)
  }
  for (const name of ['now', 'parse', 'UTC']) {
    Object.defineProperty(locked, name, {
      value: (): never => {
        throw refusal(`Date.${name}`, clock)
      },
    })
  }
  return locked
}

function lockDate(scope: typeof globalThis): void {
  const locked = lockedDate()
  Object.defineProperty(scope.Date.prototype, 'constructor', { value: locked, writable: false, configurable: false })
  Object.freeze(scope.Date.prototype)
  Object.defineProperty(locked, 'prototype', { value: scope.Date.prototype })
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
 * What stands for the globals where a world is evaluated in a realm that goes on to be used for other things, as that of the
 * host: the language, with `Math` and `Date` as in a locked realm and everything else refused by name. Nothing of the realm changes.
 */
export function guardedGlobals(scope: typeof globalThis): Readonly<Record<string, unknown>> {
  const globals: Record<string, unknown> = {}
  for (const name of Object.getOwnPropertyNames(scope)) globals[name] = allowed.has(name) ? (scope as unknown as Record<string, unknown>)[name] : refusing(name, {})
  const exact = Object.fromEntries(Object.entries(deterministicMath).map(([name, member]) => [name, converting(member)]))
  globals['Math'] = Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(scope.Math), ...Object.getOwnPropertyDescriptors(exact) })
  forbid(globals, 'Math.random', dice)
  for (const name of ['WeakRef', 'FinalizationRegistry', 'Function', 'eval']) globals[name] = refusing(name, {})
  globals['Date'] = lockedDate()
  globals['globalThis'] = globals
  globals['global'] = globals
  return globals
}

/**
 * Locks the realm of a simulation thread (determinism contract, rule 3): what reads a clock, an entropy source, the environment
 * or the machine's locale, and whatever else a host adds to the language, throws a `world-forbidden` error that says what to
 * use instead; `Math.sin` and its family become `runtime/math`; intrinsic objects are frozen. To be called after everything of
 * ours was loaded, before world code is.
 */
export function lockRealm(scope: typeof globalThis): void {
  for (const [path, todo] of forbidden) forbid(scope, path, todo)
  lockDate(scope)
  lockHost(scope)
  // Assigned, not defined anew: that would turn Math into a dictionary, and every call of it would take a third longer.
  for (const [name, exact] of Object.entries(deterministicMath)) Object.assign(scope.Math, { [name]: converting(exact) })
  for (const name of frozen) {
    const intrinsic = scope[name] as { readonly prototype?: object }
    Object.freeze(intrinsic)
    if (intrinsic.prototype !== undefined) seal(name, intrinsic.prototype)
  }
  // What all typed arrays, and all iterators, inherit.
  const shared = Object.getPrototypeOf(scope.Float32Array) as { readonly prototype: object }
  Object.freeze(shared)
  seal('Float32Array', shared.prototype)
  for (const iterable of [new scope.Array<number>(), new scope.Map<number, number>(), new scope.Set<number>(), '']) Object.freeze(Object.getPrototypeOf(iterable[Symbol.iterator]()))
  Object.freeze(scope.Object)
  // Frozen, these two would make `object.toString = ...` and `prototype.constructor = ...` throw everywhere: they only take nothing new.
  Object.preventExtensions(scope.Object.prototype)
  Object.preventExtensions(scope.Function.prototype)
  lockGenerators(scope)
}
