import { createContext, runInContext } from 'node:vm'
import { expect, it } from 'vitest'
import { lockRealm, math } from '../../runtime/index.ts'

/** Evaluates code in a fresh realm that was locked. */
function locked(code: string): unknown {
  const context = createContext({})
  const scope = runInContext('globalThis', context) as typeof globalThis
  Object.assign(scope, { process: { env: { HOME: 'x' }, stdout: { writableLength: 0 } }, setTimeout: () => 0, performance: { now: () => 1 }, fetch: () => 0, Buffer: class { size = 0 }, navigator: {}, later: {} })
  lockRealm(scope)
  return runInContext(code, context)
}

it.each([
  ['Date.now()', 'Date.now'],
  ['new Date(2020, 1, 1)', 'Date'],
  ['Date()', 'Date'],
  ['new Date.prototype.constructor()', 'Date'],
  ['new (Reflect.getPrototypeOf(Reflect.construct(Object, [], Date)).constructor)()', 'Date'],
  ['Math.random()', 'Math.random'],
  ['setTimeout(() => 0, 1)', 'setTimeout'],
  ['performance.now()', 'performance.now'],
  ['process.env.HOME', 'process.env'],
  ["'a'.localeCompare('b')", 'String.prototype.localeCompare'],
  ['(1.5).toLocaleString()', 'Number.prototype.toLocaleString'],
  ['new WeakRef({})', 'WeakRef'],
  ["new Intl.NumberFormat('de').format(1)", 'Intl.NumberFormat'],
  ['Intl.supportedValuesOf', 'Intl.supportedValuesOf'],
  ['process.getBuiltinModule', 'process.getBuiltinModule'],
  ["fetch('x')", 'fetch'],
  ['Buffer.allocUnsafe(4)', 'Buffer.allocUnsafe'],
  ['new Buffer()', 'Buffer'],
  ['navigator.hardwareConcurrency', 'navigator.hardwareConcurrency'],
  ['later.anything', 'later.anything'],
  ['Atomics.waitAsync()', 'Atomics.waitAsync'],
  ['WebAssembly.Module', 'WebAssembly.Module'],
  ["eval('2 ** 0.3')", 'eval'],
  ["new Function('return 1')", 'Function'],
])('%s is refused by name in a locked realm', (code, name) => {
  expect(() => locked(code)).toThrow(`${name} is not available in a simulation; `)
})

it.each(['() => 0', 'async () => 0', 'function* () {}', 'async function* () {}', 'class {}'])('the constructor of %s makes no code of text', (code) => {
  expect(() => locked(`(${code}).constructor('return 1')`)).toThrow('constructor is not available in a simulation; write the code out')
})

it('what is refused can be looked for, and the thread pool finds its streams', () => {
  expect(locked("[typeof process, typeof fetch, typeof performance, process.stdout.writableLength, (() => 0) instanceof Function]")).toEqual(['function', 'function', 'function', 0, true])
})

it("Math's transcendental functions become runtime/math, converting their arguments as Math does", () => {
  expect(locked('Math.sin(3)')).toBe(math.sin(3))
  expect(locked("[Math.log(undefined), Math.log(null), Math.log1p('0.5'), Math.pow('2', true), Math.atan2(undefined, 2), Math.hypot('3', 4), Math.cbrt()]")).toEqual([NaN, -Infinity, math.log1p(0.5), 2, NaN, 5, NaN])
})

it('intrinsics can not be changed, ordinary objects can', () => {
  expect(() => locked("'use strict'; Array.prototype.last = () => 1")).toThrow(/object is not extensible/)
  expect(() => locked("'use strict'; Object.assign = () => 1")).toThrow(/read only property 'assign'/)
  expect(() => locked("'use strict'; Object.getPrototypeOf(Float32Array).prototype.fill = () => 1")).toThrow(/read only property 'fill'/)
  expect(() => locked("'use strict'; Object.getPrototypeOf([][Symbol.iterator]()).next = () => 1")).toThrow(/read only property 'next'/)
  expect(() => locked("'use strict'; Math.sin = () => 1")).toThrow(/read only property 'sin'/)
  expect(() => locked("'use strict'; Object.prototype.extra = 1")).toThrow(/object is not extensible/)
  expect(locked("'use strict'; class A { m() { return 1 } } A.prototype.constructor = A; const o = { toString: null }; o.toString = () => 'o'; `${o}${new A().m()}`")).toBe('o1')
})
