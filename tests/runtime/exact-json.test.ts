import { expect, it } from 'vitest'
import { exactJson, parseExactJson } from '../../runtime/exact-json.ts'

it('every number comes back from its JSON, whatever stands around it', () => {
  const value = { list: [0, -0, 0.1, 5e-324, -1.7976931348623157e308, NaN, Infinity, -Infinity], one: -0, text: '-0', number: 'two', deep: { number: NaN } }
  expect(parseExactJson(exactJson(value))).toEqual(value)
  expect(parseExactJson(exactJson({ at: Float32Array.of(1.5, -0) }))).toEqual({ at: [1.5, -0] })
})
