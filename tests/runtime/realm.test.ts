import { createContext, runInContext } from 'node:vm'
import { expect, it } from 'vitest'
import { lockRealm, math } from '../../runtime/index.ts'

/** Evaluates code in a fresh realm that was locked. */
function locked(code: string): unknown {
  const context = createContext({})
  const scope = runInContext('globalThis', context) as typeof globalThis
  Object.assign(scope, { process: { env: { HOME: 'x' } }, setTimeout: () => 0, performance: { now: () => 1 } })
  lockRealm(scope)
  return runInContext(code, context)
}

it.each([
  ['Date.now()', 'Date.now'],
  ['new Date(2020, 1, 1)', 'Date'],
  ['Date()', 'Date'],
  ['Math.random()', 'Math.random'],
  ['setTimeout(() => 0, 1)', 'setTimeout'],
  ['performance.now()', 'performance.now'],
  ['process.env.HOME', 'process.env'],
  ["'a'.localeCompare('b')", 'String.prototype.localeCompare'],
  ['(1.5).toLocaleString()', 'Number.prototype.toLocaleString'],
  ['new WeakRef({})', 'WeakRef'],
  ["new Intl.NumberFormat('de').format(1)", 'Intl.NumberFormat'],
])('%s is refused by name in a locked realm', (code, name) => {
  expect(() => locked(code)).toThrow(`${name} is not available in a simulation; `)
})

it("Math's transcendental functions become runtime/math, converting their arguments as Math does", () => {
  expect(locked('Math.sin(3)')).toBe(math.sin(3))
  expect(locked("[Math.log(undefined), Math.log(null), Math.log1p('0.5'), Math.pow('2', true), Math.atan2(undefined, 2), Math.hypot('3', 4), Math.cbrt()]")).toEqual([NaN, -Infinity, math.log1p(0.5), 2, NaN, 5, NaN])
})

it('intrinsics can not be changed, ordinary objects can', () => {
  expect(() => locked("'use strict'; Array.prototype.last = () => 1")).toThrow(/object is not extensible/)
  expect(() => locked("'use strict'; Math.sin = () => 1")).toThrow(/read only property 'sin'/)
  expect(() => locked("'use strict'; Object.prototype.extra = 1")).toThrow(/object is not extensible/)
  expect(locked("'use strict'; class A { m() { return 1 } } A.prototype.constructor = A; const o = { toString: null }; o.toString = () => 'o'; `${o}${new A().m()}`")).toBe('o1')
})
