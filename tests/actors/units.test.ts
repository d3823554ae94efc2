import { expect, it } from 'vitest'
import { f32, kind, unit, vec } from '../../actors/index.ts'
import { kindOf } from '../../actors/world/define.ts'

it('a unit belongs to a type as people see it, and changes nothing else', () => {
  const metres = unit(vec(f32, 2), 'm')
  expect(metres).toEqual({ ...vec(f32, 2), unit: 'm' })
  expect(Object.isFrozen(metres)).toBe(true)
  expect(f32.unit).toBeUndefined()
  // The grid asks for the type of `at`.
  expect(kindOf(kind('bird', { published: { at: metres }, cell: 5 })).plan.map(({ name, type }) => [name, type.unit])).toEqual([['at', 'm']])
  expect(unit(f32, 'm/s²').unit).toBe('m/s²')
})

it.each(['', ' ', 'm s', 'metres a second', 'm\u001b[31m', 'm\u0007'])('%j is no unit', (name) => {
  expect(() => unit(f32, name)).toThrow(/is no unit; give one of 1 to 12 characters without spaces/)
})
