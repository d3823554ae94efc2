import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { MetabonkError } from '../../runtime/errors.ts'
import { elementArray, elementBytes, type ElementType } from '../../runtime/slab/element.ts'
import { numberToHalf } from '../../runtime/slab/half.ts'
import { entryByte, headerBytes, regionDtypes } from '../../runtime/slab/layout.ts'
import { attachSlab, createSlab, findRegion, regionArray, type Slab } from '../../runtime/slab/slab.ts'
import { regionView, View, viewOver, type Nested, type ViewLayout } from '../../runtime/slab/view.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('view', 20_260_112)

/** The oracle: a shape, and lists in lists of where in memory each element lies. */
interface Model {
  readonly shape: readonly number[]
  readonly places: Nested<number>
}

function build(shape: readonly number[], placeAt: (index: readonly number[]) => number, index: readonly number[] = []): Nested<number> {
  if (index.length === shape.length) return placeAt(index)
  return Array.from({ length: shape[index.length] }, (_, i) => build(shape, placeAt, [...index, i]))
}

function flat(model: Model): number[] {
  return indicesOf(model.shape).map((index) => pick(model, index))
}

function pick({ places }: Model, index: readonly number[]): number {
  return index.reduce<Nested<number>>((part, i) => (part as Nested<number>[])[i], places) as number
}

function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((all, extent) => all.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])), [[]])
}

/** Applies a change to the lists that are `dimension` levels down. */
function atLevel(places: Nested<number>, dimension: number, change: (list: Nested<number>[]) => Nested<number>): Nested<number> {
  const list = places as Nested<number>[]
  return dimension === 0 ? change(list) : list.map((part) => atLevel(part, dimension - 1, change))
}


function slicedModel(model: Model, dimension: number, [begin, end, step]: readonly [number, number, number]): Model {
  const kept: number[] = []
  for (let i = begin; step > 0 ? i < end : i > end; i += step) kept.push(i)
  return { shape: model.shape.with(dimension, kept.length), places: atLevel(model.places, dimension, (list) => kept.map((i) => list[i])) }
}

function selectedModel(model: Model, dimension: number, index: number): Model {
  return { shape: model.shape.toSpliced(dimension, 1), places: atLevel(model.places, dimension, (list) => list[index]) }
}

function transposedModel(model: Model, order: readonly number[]): Model {
  const shape = order.map((dimension) => model.shape[dimension])
  return { shape, places: build(shape, (index) => pick(model, model.shape.map((_, dimension) => index[order.indexOf(dimension)]))) }
}

function reshapedModel(model: Model, shape: readonly number[]): Model {
  const rest = flat(model)
  return { shape, places: build(shape, () => rest.shift() ?? NaN) }
}

/** Whether strides lead to all places: whether each is the first one plus a fixed distance for each index. */
function isStrided(model: Model): boolean {
  if (model.shape.includes(0)) return true
  const first = pick(model, model.shape.map(() => 0))
  const strides = model.shape.map((extent, dimension) => (extent === 1 ? 0 : pick(model, model.shape.map((_, i) => Number(i === dimension))) - first))
  return indicesOf(model.shape).every((index) => pick(model, index) === index.reduce((place, i, dimension) => place + i * strides[dimension], first))
}

type Pair = readonly [View, Model]
/** Random numbers from 0 to below 1 for the choices of one operation. */
type Draw = readonly [number, number, number, number]

function below(draw: number, limit: number): number {
  return Math.min(Math.floor(draw * limit), limit - 1)
}

function slice([view, model]: Pair, [d, a, b, c]: Draw): Pair {
  if (model.shape.length === 0) return [view, model]
  const dimension = below(d, model.shape.length)
  const extent = model.shape[dimension]
  const step = [1, 2, 3, -1, -2, 7, -5][below(c, 7)]
  const [begin, end] = [a, b].map((draw) => below(draw, extent + 1) - (step < 0 ? 1 : 0))
  // Half of the bounds are said from the end; what lies before the first element can only be said so.
  const say = (bound: number, odd: boolean): number => (bound < 0 || (odd && bound < extent) ? bound - extent : bound)
  return [view.slice(dimension, say(begin, a > 0.5), say(end, b > 0.5), step), slicedModel(model, dimension, [begin, end, step])]
}

function select([view, model]: Pair, [d, a]: Draw): Pair {
  if (model.shape.length < 2 || model.shape.includes(0)) return [view, model]
  const dimension = below(d, model.shape.length)
  const index = below(a, model.shape[dimension])
  return [view.select(dimension, index), selectedModel(model, dimension, index)]
}

function transpose([view, model]: Pair, draws: Draw): Pair {
  const keys = model.shape.map((_, dimension) => [draws[dimension % 4] + (dimension >> 2) / 3, dimension])
  const order = keys.sort(([a], [b]) => a - b).map(([, dimension]) => dimension)
  return [view.transpose(...order), transposedModel(model, order)]
}

/** A shape of `size` elements of random factors. */
function randomShape(size: number, draws: Draw): number[] {
  const shape: number[] = []
  let rest = size
  for (const draw of draws) {
    const factors = size === 0 ? [0, 1, 2, 3] : Array.from({ length: rest }, (_, i) => i + 1).filter((factor) => rest % factor === 0)
    shape.push(factors[below(draw, factors.length)])
    rest /= Math.max(shape.at(-1) ?? 1, 1)
  }
  return size === 0 ? [...shape, 0] : [...shape, rest].filter((extent, i) => extent > 1 || draws[i % 4] > 0.6)
}

/** Reshapes where the oracle says that it can be done without a copy, and expects the error where it can't. */
function reshape([view, model]: Pair, draws: Draw): Pair {
  const shape = randomShape(view.size, draws)
  const reshaped = reshapedModel(model, shape)
  if (isStrided(reshaped)) return [view.reshape(shape), reshaped]
  expect(() => view.reshape(shape)).toThrow('without a copy')
  return [view, model]
}

const operations = { slice, select, transpose, reshape }

/** What the element at a place of fresh memory holds: another value at each place, that all types can hold. */
function valueAt(dtype: ElementType, place: number): number | bigint {
  const value = dtype.startsWith('u') ? place : place - 100
  return dtype === 'i64' || dtype === 'u64' ? BigInt(value) : value
}

const extents = fc.array(fc.constantFrom<number[]>(1, 2, 3, 4, 5, 0, 6, 2, 3), { maxLength: 5 }).filter((shape) => shape.reduce((product, extent) => product * extent, 1) <= 200)
const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const chain = fc.record({
  dtype: fc.constantFrom(...regionDtypes),
  shape: extents,
  shared: fc.boolean(),
  room: fc.nat(3),
  steps: fc.array(fc.tuple(fc.constantFrom('slice', 'select', 'transpose', 'reshape'), fc.tuple(draw, draw, draw, draw)), { maxLength: 6 }),
})
type Chain = typeof chain extends fc.Arbitrary<infer T> ? T : never

/** A view of fresh memory, with some bytes before it, whose elements hold the values of their places, and its model. */
function freshPair({ dtype, shape, shared, room }: Pick<Chain, 'dtype' | 'shape' | 'shared' | 'room'>): Pair {
  const size = shape.reduce((product, extent) => product * extent, 1)
  const bytes = (room + size) * elementBytes[dtype]
  const view: View = viewOver(dtype, shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes), room * elementBytes[dtype], { shape })
  view.copyFrom(Array.from({ length: size }, (_, place) => valueAt(dtype, place)))
  let place = 0
  return [view, { shape, places: build(shape, () => place++) }]
}

function runChain(start: Pair, steps: Chain['steps']): Pair {
  return steps.reduce<Pair>((pair, [name, draws]) => operations[name](pair, draws), start)
}

function check(predicate: (plan: Chain) => void, reduced: number, full: number): void {
  fc.assert(fc.property(chain, predicate), { seed, numRuns: counts(reduced, full) })
}

/** The error that an action ends with, as its code and message. */
function errorOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof MetabonkError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no error'
}

describe('View', () => {
  it('after any chain of slices, selections, reshapes and transpositions has the elements that nested lists have', () => {
    check((plan) => {
      const start = freshPair(plan)
      const [view, model] = runChain(start, plan.steps)
      const places = flat(model)
      const values = places.map((place) => valueAt(plan.dtype, place))
      expect(view.shape).toEqual(model.shape)
      expect(view.size).toBe(places.length)
      expect(view.toArray()).toEqual(values)
      expect(view.toNested()).toEqual(build(model.shape, (index) => valueAt(plan.dtype, pick(model, index)) as number))
      expect(view.isContiguous).toBe(places.every((place, i) => place === places[0] + i))
      expect(view.array).toBe(start[0].array)
      for (const index of indicesOf(model.shape)) {
        const position = index.reduce((sum, i, dimension) => sum + i * view.strides[dimension], view.offset)
        expect(view.at(...index)).toBe(valueAt(plan.dtype, pick(model, index)))
        expect(position).toBe(pick(model, index) + plan.room)
      }
    }, 400, 20_000)
  })

  it('writes into the bytes of the view it came from, and nowhere else', () => {
    check((plan) => {
      const start = freshPair(plan)
      const [view, model] = runChain(start, plan.steps)
      const expected = start[0].toArray()
      const places = flat(model)
      for (const [i, index] of indicesOf(model.shape).entries()) {
        expected[places[i]] = valueAt(plan.dtype, (places[i] * 7 + 3) % 128)
        view.set(expected[places[i]], ...index)
      }
      expect(start[0].toArray()).toEqual(expected)
      view.fill(valueAt(plan.dtype, 101))
      for (const place of places) expected[place] = valueAt(plan.dtype, 101)
      expect(start[0].toArray()).toEqual(expected)
      expect([...(start[0].array as Uint8Array).subarray(0, plan.room)].map(String)).toEqual(Array<string>(plan.room).fill('0'))
    }, 300, 10_000)
  })

  it('copies from a view or a list as if all was read before the first write', () => {
    check((plan) => {
      const start = freshPair(plan)
      const [view, model] = runChain(start, plan.steps)
      const places = flat(model)
      const values = view.toArray()
      const turned = model.shape.reduce((part, _, dimension) => part.slice(dimension, undefined, undefined, -1), view)
      turned.copyFrom(view)
      const expected = freshPair(plan)[0].toArray()
      for (const [i, place] of places.entries()) expected[place] = values[values.length - 1 - i]
      expect(start[0].toArray()).toEqual(expected)
      view.copyFrom(values)
      expect(start[0].toArray()).toEqual(freshPair(plan)[0].toArray())
      const other: View = viewOver(plan.dtype, new ArrayBuffer(view.size * 8), 0, { shape: model.shape })
      other.copyFrom(view)
      expect(other.toArray()).toEqual(values)
      if (plan.dtype === 'f16') return
      view.fill(valueAt(plan.dtype, 5))
      view.copyFrom((other.array as Float64Array).subarray(0, view.size))
      expect(start[0].toArray()).toEqual(freshPair(plan)[0].toArray())
    }, 300, 10_000)
  })

  it('copies an overlapping part of itself both ways', () => {
    const made = (): View<'i16'> => {
      const view = viewOver('i16', new ArrayBuffer(24), 0, { shape: [3, 4] })
      view.copyFrom(Int16Array.from({ length: 12 }, (_, i) => i))
      return view
    }
    const right = made()
    right.slice(1, 1).copyFrom(right.slice(1, 0, 3))
    expect(right.toArray()).toEqual([0, 0, 1, 2, 4, 4, 5, 6, 8, 8, 9, 10])
    const left = made()
    left.slice(1, 0, 3).copyFrom(left.slice(1, 1))
    expect(left.toArray()).toEqual([1, 2, 3, 3, 5, 6, 7, 7, 9, 10, 11, 11])
    const down = made()
    down.slice(0, 1).copyFrom(down.slice(0, 0, 2))
    expect(down.toArray()).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7])
    const turned = made()
    turned.slice(1, undefined, undefined, -1).copyFrom(turned.array)
    expect(turned.toArray()).toEqual([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8])
  })

  it('has bigints where the type has 64-bit integers, and numbers elsewhere', () => {
    const longs = viewOver('i64', new ArrayBuffer(16), 0, { shape: [2] })
    const floats = viewOver('f32', new ArrayBuffer(8), 0, { shape: [2] })
    longs.set(-(2n ** 63n), 1)
    floats.set(0.1, 0)
    expect([longs.toArray(), floats.toArray()]).toEqual([[0n, -(2n ** 63n)], [Math.fround(0.1), 0]])
    expectTypeOf(longs.at(0)).toEqualTypeOf<bigint>()
    expectTypeOf(floats.at(0)).toEqualTypeOf<number>()
    expectTypeOf<ReturnType<View<'u64'>['toArray']>>().toEqualTypeOf<bigint[]>()
    expectTypeOf<View<'f16'>['array']>().toEqualTypeOf<Uint16Array>()
    expectTypeOf<View<'u64'>['array']>().toEqualTypeOf<BigUint64Array>()
    expectTypeOf<Parameters<View<'i64'>['fill']>>().toEqualTypeOf<[value: bigint]>()
    expectTypeOf<Parameters<View<'u8'>['fill']>>().toEqualTypeOf<[value: number]>()
  })

  it('reads and writes halves as numbers over their bits, and copies bits between views', () => {
    const view = viewOver('f16', new ArrayBuffer(8), 0, { shape: [4] })
    view.copyFrom(Uint16Array.of(1, 2, 3, 4))
    expect([...view.array]).toEqual([1, 2, 3, 4].map(numberToHalf))
    view.set(1 / 3, 0)
    view.set(-1e9, 1)
    view.array[2] = 0xfe01
    expect(view.toArray()).toEqual([0.333251953125, -Infinity, NaN, 4])
    view.slice(0, 3).copyFrom(view.slice(0, 2, 3))
    view.slice(0, 0, 4, 3).copyFrom(view.slice(0, 2, 4))
    expect([...view.array]).toEqual([0xfe01, 0xfc00, 0xfe01, 0xfe01])
  })

  it('has one element without dimensions, and none with an extent of 0', () => {
    const one = viewOver('u16', new ArrayBuffer(4), 2, { shape: [] })
    one.set(7)
    expect([one.at(), one.toNested(), one.toArray(), one.size, one.reshape([1, 1]).toNested(), one.transpose().at()]).toEqual([7, 7, [7], 1, [[7]], 7])
    const none = viewOver('u16', new ArrayBuffer(4), 4, { shape: [2, 0, 3] })
    expect([none.toNested(), none.size, none.isContiguous, none.select(2, 1).shape, none.reshape([0]).shape]).toEqual([[[], []], 0, true, [2, 0], [0]])
  })

  it('lets a stride of 0 show an element many times', () => {
    const view = viewOver('u8', new ArrayBuffer(3), 0, { shape: [2, 3], strides: [0, 1] })
    view.copyFrom([1, 2, 3, 4, 5, 6])
    expect(view.toNested()).toEqual([[4, 5, 6], [4, 5, 6]])
    expect(view.slice(0, undefined, undefined, -1).strides).toEqual([0, 1])
    expect(view.isContiguous).toBe(false)
  })

  it('keeps the shape and strides it was made with', () => {
    const shape = [2, 2]
    const view = viewOver('u8', new ArrayBuffer(4), 0, { shape })
    shape[0] = 9
    expect(view.shape).toEqual([2, 2])
    expect(() => (view.strides as number[]).push(1)).toThrow(TypeError)
  })
})

describe('bad input', () => {
  const view = viewOver('i32', new SharedArrayBuffer(96), 0, { shape: [4, 6] })
  const over = (offset: number, shape: readonly number[], strides: readonly number[]): View => new View('u8', new Uint8Array(10), { offset, shape, strides })

  it.each<[string, () => unknown]>([
    ['reaches outside of 10 elements', () => over(0, [11], [1])],
    ['reaches outside of 10 elements', () => over(1, [2, 5], [5, 1])],
    ['reaches outside of 10 elements', () => over(3, [5], [-1])],
    ['reaches outside of 10 elements', () => over(-1, [1], [1])],
    ['reaches outside of 10 elements', () => over(10, [], [])],
    ['reaches outside of 10 elements', () => over(11, [0], [1])],
    ['reaches outside of 10 elements', () => over(0.5, [1], [1])],
    ['reaches outside of 10 elements', () => over(NaN, [0], [1])],
    ['reaches outside of 10 elements', () => over(0, [2, 2], [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER])],
    ['can\'t have 6 dimensions', () => over(0, [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1])],
    ['can\'t have the shape [-1]', () => over(0, [-1], [1])],
    ['can\'t have the shape [1.5]', () => over(0, [1.5], [1])],
    ['can\'t have the shape [4503599627370496, 4]', () => over(0, [2 ** 52, 4], [0, 0])],
    ['can\'t have the strides [1, 1]', () => over(0, [1], [1, 1])],
    ['can\'t have the strides [0.5]', () => over(0, [2], [0.5])],
    ['can\'t have the strides [NaN]', () => over(0, [0], [NaN])],
    ['there is no element type \'f128\'', () => viewOver('f128' as 'f64', new ArrayBuffer(8), 0, { shape: [] })],
    ['there is no element type \'toString\'', () => new View('toString' as 'u8', new Uint8Array(1), { offset: 0, shape: [], strides: [] })],
    ['give a Float32Array', () => new View('f32', new Uint8Array(8) as unknown as Float32Array, { offset: 0, shape: [1], strides: [1] })],
    ['can\'t begin at byte 2', () => viewOver('f32', new ArrayBuffer(8), 2, { shape: [1] })],
    ['can\'t begin at byte -4', () => viewOver('f32', new ArrayBuffer(8), -4, { shape: [1] })],
    ['reaches outside of 2 elements', () => viewOver('f32', new ArrayBuffer(11), 4, { shape: [2] })],
    ['no dimension 2', () => view.slice(2, 0, 1)],
    ['no dimension -1', () => view.select(-1, 0)],
    ['no dimension 0.5', () => view.select(0.5, 0)],
    ['can\'t begin or end at 7', () => view.slice(1, 0, 7)],
    ['can\'t begin or end at -7', () => view.slice(1, -7, 6)],
    ['can\'t begin or end at 6', () => view.slice(1, 6, 0, -1)],
    ['can\'t begin or end at -8', () => view.slice(1, 5, -8, -1)],
    ['can\'t begin or end at 1.5', () => view.slice(1, 1.5)],
    ['can\'t have the step 0', () => view.slice(1, 0, 6, 0)],
    ['can\'t have the step 0.5', () => view.slice(1, 0, 6, 0.5)],
    ['index 4 is outside', () => view.select(0, 4)],
    ['index -1 is outside', () => view.select(0, -1)],
    ['24 elements don\'t fill the shape [5, 5]', () => view.reshape([5, 5])],
    ['can\'t have the shape [-4, -6]', () => view.reshape([-4, -6])],
    ['can\'t have 6 dimensions', () => view.reshape([1, 1, 1, 1, 4, 6])],
    ['can\'t become [24] without a copy', () => view.transpose().reshape([24])],
    ['is no order of 2 dimensions', () => view.transpose(0)],
    ['is no order of 2 dimensions', () => view.transpose(1, 1)],
    ['is no order of 2 dimensions', () => view.transpose(1, 2)],
    ['is no order of 0 dimensions', () => over(0, [], []).transpose(0)],
    ['index [4, 0] is outside', () => view.at(4, 0)],
    ['index [0, 6] is outside', () => view.at(0, 6)],
    ['index [0, -1] is outside', () => view.at(0, -1)],
    ['index [0.5, 0] is outside', () => view.at(0.5, 0)],
    ['index [1] is outside', () => view.at(1)],
    ['index [1, 1, 0] is outside', () => view.at(1, 1, 0)],
    ['index [0, 6] is outside', () => view.set(1, 0, 6)],
    ['can\'t hold 0.5', () => view.fill(0.5)],
    ['can\'t hold 2147483648', () => view.set(2147483648, 0, 0)],
    ['can\'t hold NaN', () => view.set(NaN, 0, 0)],
    ['can\'t hold 1', () => view.set(1n as unknown as number, 0, 0)],
    ['can\'t hold \'1\'', () => view.set('1' as unknown as number, 0, 0)],
    ['3 values don\'t fill a view of 24 elements', () => view.copyFrom([1, 2, 3])],
    ['i32 with the shape [6, 4] can\'t be copied', () => view.copyFrom(view.transpose())],
    ['f32 with the shape [4, 6] can\'t be copied', () => view.copyFrom(viewOver('f32', view.array.buffer, 0, view) as View as View<'i32'>)],
  ])('%s', (message, action) => {
    expect(errorOf(action)).toMatch(/^schema: /)
    expect(errorOf(action)).toContain(message)
  })

  it('values out of range are refused for each integer type at both ends', () => {
    for (const dtype of regionDtypes.filter((each) => !each.startsWith('f'))) {
      const cell: View = viewOver(dtype, new ArrayBuffer(8), 0, { shape: [] })
      const bits = BigInt(elementBytes[dtype] * 8)
      const [least, most] = dtype.startsWith('i') ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n]
      const given = (value: bigint): number => (bits === 64n ? value : Number(value)) as number
      for (const fine of [least, most]) {
        cell.set(given(fine))
        expect(cell.at()).toBe(given(fine))
      }
      for (const outside of [least - 1n, most + 1n]) expect(errorOf(() => cell.set(given(outside)))).toContain(`can't hold ${outside.toString()}`)
      expect(cell.at()).toBe(given(most))
    }
  })

  it('a list with a bad value writes nothing', () => {
    const bytes = viewOver('u8', new ArrayBuffer(3), 0, { shape: [3] })
    expect(errorOf(() => bytes.copyFrom([1, 2, 256]))).toContain('can\'t hold 256')
    expect(bytes.toArray()).toEqual([0, 0, 0])
  })

  it('memory that is gone is an error, not undefined', () => {
    const buffer = new ArrayBuffer(8)
    const gone = viewOver('u8', buffer, 0, { shape: [2, 3], strides: [3, 1] })
    const other = viewOver('u8', new ArrayBuffer(6), 0, { shape: [2, 3] })
    structuredClone(buffer, { transfer: [buffer] })
    const uses = [() => gone.at(0, 0), () => gone.set(1, 0, 0), () => gone.fill(1), () => gone.toArray(), () => gone.toNested(), () => gone.copyFrom([1, 2, 3, 4, 5, 6])]
    for (const use of [...uses, () => gone.copyFrom(other), () => other.copyFrom(gone)]) expect(errorOf(use)).toContain('memory: the memory of a view is gone')
  })
})

describe('regionView', () => {
  it('shows each region of a slab in its shape, on the bytes of the slab', () => {
    const slab = createSlab(regionDtypes.map((dtype, i) => ({ name: dtype, kind: 'tensor', dtype, shape: [2, 3, 4].slice(0, i % 4) })))
    const attached = attachSlab(slab.buffer)
    for (const [i, dtype] of regionDtypes.entries()) {
      const view: View = regionView(attached, dtype, dtype)
      expect(view.shape).toEqual([2, 3, 4].slice(0, i % 4))
      view.fill(valueAt(dtype, 42))
      expect([...(regionArray(slab, dtype, dtype) as Uint8Array)]).toEqual([...(elementArray(dtype, new ArrayBuffer(192), 0, view.size).fill((dtype === 'f16' ? numberToHalf(-58) : valueAt(dtype, 42)) as never) as Uint8Array)])
    }
  })

  it('shows a region with strides of its own', () => {
    const slab = strided([3, 2], [1, 4])
    regionArray(slab, 'matrix', 'f32').set([0, 1, 2, 3, 4, 5, 6, 7])
    const view = regionView(slab, 'matrix', 'f32')
    expect(view.toNested()).toEqual([[0, 4], [1, 5], [2, 6]])
    view.select(1, 1).fill(-1)
    expect([...regionArray(slab, 'matrix', 'f32')]).toEqual([0, 1, 2, 3, -1, -1, -1, 7])
    const { byteOffset } = findRegion(slab, 'matrix')
    expect(viewOver('f32', slab.buffer, byteOffset, findRegion(slab, 'matrix')).toNested()).toEqual(view.toNested())
  })

  it('refuses another type, an unknown name, and a stored shape of more elements than can be counted', () => {
    const slab = strided([3, 2], [1, 4])
    expect(errorOf(() => regionView(slab, 'matrix', 'f64'))).toBe('schema: region \'matrix\' holds f32, not f64; ask for the type it has')
    expect(errorOf(() => regionView(slab, 'vector', 'f32'))).toBe('schema: the slab has no region \'vector\'; choose from matrix')
    expect(errorOf(() => regionView(strided([2 ** 52, 2 ** 52], [0, 0]), 'matrix', 'f32'))).toContain('can\'t have the shape')
  })
})

/** A slab of one region of 8 f32 whose entry was given a shape and strides (in elements) by another program. */
function strided(shape: readonly number[], strides: readonly number[]): Slab {
  const { buffer } = createSlab([{ name: 'matrix', kind: 'tensor', dtype: 'f32', shape: [2, 4] }])
  const entry = new DataView(buffer, headerBytes)
  for (const [i, extent] of shape.entries()) {
    entry.setFloat64(entryByte.shape + i * 8, extent, true)
    entry.setFloat64(entryByte.strides + i * 8, strides[i] * 4, true)
  }
  return attachSlab(buffer)
}

/** Reads cases as JSON, writes for each the strides in elements that numpy reshapes to, or null where it copies. */
const numpyReshape = `
import json, sys
import numpy as np
from numpy.lib.stride_tricks import as_strided
memory = np.zeros(4096, dtype=np.uint8)
def strides(case):
    view = as_strided(memory[case["offset"]:], case["from"], case["strides"])
    other = view.reshape(case["to"])
    return list(other.strides) if np.shares_memory(memory, other) else None
json.dump([strides(case) for case in json.load(sys.stdin)], sys.stdout)
`

interface ReshapeCase {
  readonly view: View
  readonly to: readonly number[]
}

function reshapeCases(): ReshapeCase[] {
  const step = fc.tuple(fc.constantFrom('slice', 'select', 'transpose', 'reshape'), fc.tuple(draw, draw, draw, draw))
  const plan = fc.record({ shape: extents, steps: fc.array(step, { maxLength: 5 }), to: fc.tuple(draw, draw, draw, draw) })
  return fc.sample(plan, { seed, numRuns: counts(500, 20_000) }).flatMap(({ shape, steps, to }) => {
    const [view] = runChain(freshPair({ dtype: 'u8', shape, shared: false, room: 1 }), steps)
    return view.size === 0 ? [] : [{ view, to: randomShape(view.size, to) }]
  })
}

const numpy = spawnSync('python3', ['-c', 'import numpy'], { encoding: 'utf8' })
const whyNoNumpy = numpy.error?.message ?? numpy.stderr.trim().split('\n').at(-1) ?? ''

describe(`numpy${numpy.status === 0 ? '' : `, which is not here (${whyNoNumpy})`}`, () => {
  it.skipIf(numpy.status !== 0)('reshapes without a copy where View does, to the same strides', () => {
    const cases = reshapeCases()
    const input = JSON.stringify(cases.map(({ view: { offset, shape, strides }, to }): ViewLayout | object => ({ offset, from: shape, strides, to })))
    const run = spawnSync('python3', ['-c', numpyReshape], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
    expect(run.stderr).toBe('')
    const answers = JSON.parse(run.stdout) as (number[] | null)[]
    const ours = cases.map(({ view, to }) => (errorOf(() => view.reshape(to)) === 'no error' ? view.reshape(to).strides : null))
    // The stride of a dimension of one element says nothing.
    const told = (strides: readonly number[] | null, i: number): (number | undefined)[] | undefined => strides?.map((stride, d) => (cases[i].to[d] === 1 ? undefined : stride))
    expect(ours.map(told)).toEqual(answers.map(told))
    expect(answers.filter((answer) => answer === null).length).toBeGreaterThan(cases.length / 20)
  })
})
