import { MetabonkError } from '../errors.ts'
import { describe } from '../schema/types.ts'
import { elementArray, elementBytes, type ElementArray, type ElementType } from './element.ts'
import { halfToNumber, numberToHalf } from './half.ts'
import { rankMax, regionDtypes } from './layout.ts'
import { findRegion, regionArray, rowMajor, type Slab, type SlabMemory } from './slab.ts'

/** What an element of a type reads as: a bigint for the 64-bit integers, a number for all others. */
export type ElementValue<E extends ElementType = ElementType> = E extends 'i64' | 'u64' ? bigint : number

/** Values in as many levels of lists as there were dimensions; without dimensions, the value. */
export type Nested<Value> = Value | Nested<Value>[]

/** Where the elements of a view lie, counted in elements of the array under it. */
export interface ViewLayout {
  /** Position of the element whose indices are all 0. */
  readonly offset: number
  /** Extents, outermost first; rank 0 (one element) to 5. */
  readonly shape: readonly number[]
  /** Elements from one index to the next, by dimension; 0 and negative ones are fine. */
  readonly strides: readonly number[]
}

/** A typed array without its type. */
type Cells = Record<number, number | bigint>

/** One cell of each type, to see what a value becomes in it. */
const trials = Object.fromEntries(regionDtypes.map((dtype) => [dtype, elementArray(dtype, new ArrayBuffer(8), 0, 1)])) as Readonly<Record<ElementType, ElementArray>>

function bad(what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'schema', what, todo })
}

function list(numbers: readonly number[]): string {
  return `[${numbers.join(', ')}]`
}

function checkType(dtype: ElementType): void {
  if (!Object.hasOwn(trials, dtype)) throw bad(`there is no element type ${describe(dtype)}`, `choose from ${regionDtypes.join(', ')}`)
}

function isArrayOf<E extends ElementType>(dtype: E, array: unknown): array is ElementArray<E> {
  return array instanceof trials[dtype].constructor
}

/** Checks a shape and returns its number of elements. */
function checkShape(shape: readonly number[]): number {
  if (shape.length > rankMax) throw bad(`a view can't have ${shape.length} dimensions`, `give at most ${rankMax}`)
  const size = shape.reduce((product, extent) => product * extent, 1)
  if (shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) && Number.isSafeInteger(size)) return size
  throw bad(`a view can't have the shape ${list(shape)}`, 'give whole numbers of elements')
}

/** The lowest and the highest position of an element; meaningless when there is none. */
function reachOf({ offset, shape, strides }: ViewLayout): { first: number; last: number } {
  let first = offset
  let last = offset
  for (const [i, extent] of shape.entries()) {
    if (strides[i] < 0) first += (extent - 1) * strides[i]
    else last += (extent - 1) * strides[i]
  }
  return { first, last }
}

/** Checks a layout against `length` elements and returns its size. */
function checkLayout(dtype: ElementType, layout: ViewLayout, length: number): number {
  const { offset, shape, strides } = layout
  const size = checkShape(shape)
  const whole = strides.length === shape.length && strides.every((stride) => Number.isSafeInteger(stride))
  if (!whole) throw bad(`a view of shape ${list(shape)} can't have the strides ${list(strides)}`, 'give a whole number of elements for each dimension')
  const { first, last } = reachOf(layout)
  const inside = size === 0 ? offset >= 0 && offset <= length : first >= 0 && last < length
  if (Number.isSafeInteger(offset) && inside) return size
  throw bad(`a view of ${dtype} at ${offset} with the shape ${list(shape)} and the strides ${list(strides)} reaches outside of ${length} elements`, 'give a smaller shape, or more memory')
}

/** What is stored for a value. Throws a `schema` error when an element of the type can't hold it. */
function cellOf(dtype: ElementType, value: unknown): number | bigint {
  const trial = trials[dtype] as Cells
  if (typeof value !== typeof trial[0]) throw bad(`an element of ${dtype} can't hold ${describe(value)}`, `give a ${typeof trial[0]}`)
  const given = value as number | bigint
  if (dtype === 'f16') return numberToHalf(given as number)
  if (dtype === 'f32' || dtype === 'f64') return given
  trial[0] = given
  if (trial[0] !== given) throw bad(`an element of ${dtype} can't hold ${given.toString()}`, 'give an integer of its range')
  return given
}

/** Dimensions that one step leads through as if they were one. */
interface Run {
  count: number
  step: number
}

/** The runs of a layout, outermost first. Dimensions of one element are part of any. */
function runsOf(shape: readonly number[], strides: readonly number[]): Run[] {
  const runs: Run[] = []
  for (const [i, extent] of shape.entries()) {
    const outer = runs.at(-1)
    if (extent === 1) continue
    if (outer?.step === extent * strides[i]) {
      outer.count *= extent
      outer.step = strides[i]
    } else runs.push({ count: extent, step: strides[i] })
  }
  return runs
}

/** Strides for another shape of as many elements over the same runs, or undefined when a dimension would have to leave its run. */
function stridesOver(runs: readonly Run[], shape: readonly number[]): number[] | undefined {
  const strides: number[] = []
  let next = runs.length
  let { count, step }: Run = { count: 1, step: 1 }
  for (const extent of shape.toReversed()) {
    if (count === 1 && extent !== 1) ({ count, step } = runs[--next])
    if (count % extent !== 0) return undefined
    strides.unshift(step)
    count /= extent
    step *= extent
  }
  return strides
}

/**
 * A bound of a slice as a position: counted from the end when negative, `fallback` when left out. `first` and `end` are the outermost
 * positions it can have.
 */
function bound(given: number | undefined, extent: number, fallback: number, [first, end]: readonly [number, number]): number {
  if (given === undefined) return fallback
  const at = given < 0 ? given + extent : given
  if (Number.isSafeInteger(given) && at >= first && at <= end) return at
  throw bad(`a slice of ${extent} elements can't begin or end at ${given}`, `give an integer from ${first - extent} to ${end}, negative ones count from the end`)
}

/**
 * A typed, shaped, strided window on memory: never a copy, so that what is written through one view is seen through all others of the same
 * bytes. The element at indices i, j, ... is `array[offset + i * strides[0] + j * strides[1] + ...]`, and hot loops read and write it there:
 * that a view lies inside its memory is checked once, when it is made. Views of f16 hold bits in `array` and numbers everywhere else.
 * Everything throws `schema` errors for what can't be, and `memory` when the memory was unmapped.
 */
export class View<E extends ElementType = ElementType> implements ViewLayout {
  readonly dtype: E
  /** All of the memory the view was made over, not only its own elements. */
  readonly array: ElementArray<E>
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  /** The number of elements. */
  readonly size: number

  constructor(dtype: E, array: ElementArray<E>, { offset, shape, strides }: ViewLayout) {
    checkType(dtype)
    if (!isArrayOf(dtype, array)) throw bad(`a view of ${dtype} can't lie over ${describe(array)}`, `give a ${trials[dtype].constructor.name}`)
    this.dtype = dtype
    this.array = array
    this.offset = offset
    this.shape = Object.freeze([...shape])
    this.strides = Object.freeze([...strides])
    this.size = checkLayout(dtype, this, array.length)
  }

  /** Whether the elements lie side by side in row-major order: from `offset` on, the last index runs fastest. */
  get isContiguous(): boolean {
    const runs = runsOf(this.shape, this.strides)
    return this.size === 0 || runs.length === 0 || (runs.length === 1 && runs[0].step === 1)
  }

  /**
   * Every `step`-th index of a dimension from `begin` up to, not including, `end`. As in numpy, negative bounds count from the end, a negative
   * step goes backwards, and bounds that are left out are the ends of the dimension: `slice(0, undefined, undefined, -1)` turns it around.
   * Bounds beyond the ends are errors.
   */
  slice(dimension: number, begin?: number, end?: number, step = 1): View<E> {
    this.#checkDimension(dimension)
    if (!Number.isSafeInteger(step) || step === 0) throw bad(`a slice can't have the step ${step}`, 'give an integer other than 0')
    const extent = this.shape[dimension]
    const ends = step > 0 ? ([0, extent] as const) : ([-1, extent - 1] as const)
    const from = bound(begin, extent, ends[step > 0 ? 0 : 1], ends)
    const to = bound(end, extent, ends[step > 0 ? 1 : 0], ends)
    const count = Math.max(0, Math.ceil((to - from) / step))
    const stride = this.strides[dimension]
    // The stride of fewer than two elements is never gone, and its product with a huge step might be no integer.
    const strides = this.strides.with(dimension, count < 2 || stride === 0 ? stride : stride * step)
    return this.#part({ offset: this.offset + from * stride, shape: this.shape.with(dimension, count), strides })
  }

  /** The part at one index of a dimension, without that dimension. */
  select(dimension: number, index: number): View<E> {
    this.#checkDimension(dimension)
    const extent = this.shape[dimension]
    if (!(Number.isInteger(index) && index >= 0 && index < extent)) throw bad(`index ${index} is outside of the ${extent} of dimension ${dimension}`, 'give an index from 0 to below the extent')
    return this.#part({
      offset: this.offset + index * this.strides[dimension],
      shape: this.shape.toSpliced(dimension, 1),
      strides: this.strides.toSpliced(dimension, 1),
    })
  }

  /**
   * The same elements, in row-major order, in another shape. Dimensions can be split at will, and merged where one runs on into the next; what
   * would need a copy is an error.
   */
  reshape(shape: readonly number[]): View<E> {
    if (checkShape(shape) !== this.size) throw bad(`${this.size} elements don't fill the shape ${list(shape)}`, 'give a shape of as many elements')
    const strides = this.size === 0 ? rowMajor(shape) : stridesOver(runsOf(this.shape, this.strides), shape)
    if (strides !== undefined) return this.#part({ offset: this.offset, shape, strides })
    throw bad(`the shape ${list(this.shape)} with the strides ${list(this.strides)} can't become ${list(shape)} without a copy`, 'copy it into contiguous memory first, or keep dimensions apart that are apart in memory')
  }

  /** The dimensions in another order: `order[i]` is the one that becomes dimension i. Without an order they are turned around. */
  transpose(...order: readonly number[]): View<E> {
    const rank = this.shape.length
    const by = order.length === 0 ? [...this.shape.keys()].reverse() : order
    if (by.length !== rank || !this.shape.every((_, dimension) => by.includes(dimension))) throw bad(`${list(order)} is no order of ${rank} dimensions`, `name each of 0 to ${rank - 1} once`)
    return this.#part({ offset: this.offset, shape: by.map((dimension) => this.shape[dimension]), strides: by.map((dimension) => this.strides[dimension]) })
  }

  /** The value at one index for each dimension. */
  at(...index: readonly number[]): ElementValue<E> {
    return this.#read(this.#positionOf(index))
  }

  /** Writes the value at one index for each dimension. Integers out of range are errors, floats are rounded to nearest even. */
  set(value: ElementValue<E>, ...index: readonly number[]): void {
    const position = this.#positionOf(index)
    this.#cells[position] = cellOf(this.dtype, value)
  }

  /** Writes one value to all elements. */
  fill(value: ElementValue<E>): void {
    const cell = cellOf(this.dtype, value)
    const cells = this.#cells
    this.#visit((position) => {
      cells[position] = cell
    })
  }

  /**
   * Writes the elements of a view of the same type and shape, bit by bit, or a list of as many values in row-major order. The source may overlap
   * this view: it counts as read before the first write. Nothing is written when a value of the list is an error.
   */
  copyFrom(source: View<E> | ArrayLike<ElementValue<E>>): void {
    if (source instanceof View) this.#copyView(source)
    else if (source.length !== this.size) throw bad(`${source.length} values don't fill a view of ${this.size} elements`, 'give one value for each element')
    else if (this.dtype !== 'f16' && isArrayOf(this.dtype, source)) this.#copyView(new View(this.dtype, source, this.#inOrder()))
    else this.#copyList(source)
  }

  /** A copy of the values as one list in row-major order. */
  toArray(): ElementValue<E>[] {
    const values: ElementValue<E>[] = []
    this.#visit((position) => values.push(this.#read(position)))
    return values
  }

  /** A copy of the values as lists in lists, one level a dimension; without dimensions, the value. */
  toNested(): Nested<ElementValue<E>> {
    this.#checkMapped()
    return this.#nest(0, this.offset)
  }

  /** The array under the view, without its type. */
  get #cells(): Cells {
    this.#checkMapped()
    return this.array
  }

  /** Another view of the same memory. One without elements stays where this one is: its own offset may lie outside. */
  #part(layout: ViewLayout): View<E> {
    return new View(this.dtype, this.array, layout.shape.includes(0) ? { ...layout, offset: this.offset } : layout)
  }

  #read(position: number): ElementValue<E> {
    const cell = (this.array as Cells)[position]
    return (this.dtype === 'f16' ? halfToNumber(cell as number) : cell) as ElementValue<E>
  }

  /** Unmapped memory leaves arrays of no elements behind, which read as undefined and ignore what is written. */
  #checkMapped(): void {
    if (this.size === 0 || this.array.length !== 0) return
    throw new MetabonkError({ code: 'memory', what: 'the memory of a view is gone', todo: 'use its views before a slab is closed, and transfer no buffer that has some' })
  }

  #checkDimension(dimension: number): void {
    if (Number.isInteger(dimension) && dimension >= 0 && dimension < this.shape.length) return
    throw bad(`there is no dimension ${dimension} in the shape ${list(this.shape)}`, 'count dimensions from 0, outermost first')
  }

  #positionOf(index: readonly number[]): number {
    const { shape, strides } = this
    let position = this.offset
    let inside = index.length === shape.length
    for (let i = 0; i < index.length && inside; i++) {
      inside = Number.isInteger(index[i]) && index[i] >= 0 && index[i] < shape[i]
      position += index[i] * strides[i]
    }
    if (!inside) throw bad(`index ${list(index)} is outside of the shape ${list(shape)}`, 'give an index from 0 to below the extent for each dimension')
    this.#checkMapped()
    return position
  }

  /** Calls back with the position of each element in row-major order. */
  #visit(visitor: (position: number) => void, dimension = 0, position = this.offset): void {
    if (dimension === 0) this.#checkMapped()
    if (dimension === this.shape.length) visitor(position)
    else for (let i = 0; i < this.shape[dimension]; i++) this.#visit(visitor, dimension + 1, position + i * this.strides[dimension])
  }

  #nest(dimension: number, position: number): Nested<ElementValue<E>> {
    if (dimension === this.shape.length) return this.#read(position)
    return Array.from({ length: this.shape[dimension] }, (_, i) => this.#nest(dimension + 1, position + i * this.strides[dimension]))
  }

  /** This shape over an array of its own. */
  #inOrder(): ViewLayout {
    return { offset: 0, shape: this.shape, strides: rowMajor(this.shape) }
  }

  #copyList(source: ArrayLike<ElementValue<E>>): void {
    const from = Array.from(source, (value) => cellOf(this.dtype, value))
    const cells = this.#cells
    let i = 0
    this.#visit((position) => {
      cells[position] = from[i++]
    })
  }

  #copyView(source: View<E>): void {
    const fits = source.dtype === this.dtype && source.shape.length === this.shape.length && source.shape.every((extent, i) => extent === this.shape[i])
    if (!fits) throw bad(`a view of ${source.dtype} with the shape ${list(source.shape)} can't be copied into one of ${this.dtype} with the shape ${list(this.shape)}`, 'give a view of the same type and shape')
    this.#checkMapped()
    source.#checkMapped()
    if (this.isContiguous && source.isContiguous) {
      // Takes care of overlaps by itself.
      const { array, offset, size } = source as View<'f64'>
      ;(this as View<'f64'>).array.set(array.subarray(offset, offset + size), this.offset)
    } else this.#copyCells(this.#overlaps(source) ? source.#apart() : source, 0, this.offset)
  }

  #copyCells(source: View<E>, dimension: number, to: number, from = source.offset): void {
    if (dimension === this.shape.length) (this.array as Cells)[to] = (source.array as Cells)[from]
    else for (let i = 0; i < this.shape[dimension]; i++) this.#copyCells(source, dimension + 1, to + i * this.strides[dimension], from + i * source.strides[dimension])
  }

  /** Whether a view may have bytes of this one. */
  #overlaps(other: View<E>): boolean {
    const item = elementBytes[this.dtype]
    const [mine, others] = [reachOf(this), reachOf(other)]
    const startsBelow = this.array.byteOffset + mine.first * item <= other.array.byteOffset + others.last * item
    return this.array.buffer === other.array.buffer && startsBelow && other.array.byteOffset + others.first * item <= this.array.byteOffset + mine.last * item
  }

  /** These elements in memory of their own. */
  #apart(): View<E> {
    const copy = new View(this.dtype, elementArray(this.dtype, new ArrayBuffer(this.size * elementBytes[this.dtype]), 0, this.size), this.#inOrder())
    copy.#copyCells(this, 0, 0)
    return copy
  }
}

/** A view of a whole region of a slab, in the shape and with the strides of its directory entry. Throws a `schema` error when there is no such region of that type. */
export function regionView<E extends ElementType>(slab: Slab<SlabMemory>, name: string, dtype: E): View<E> {
  const { shape, strides } = findRegion(slab, name)
  return new View(dtype, regionArray(slab, name, dtype), { offset: 0, shape, strides })
}

/**
 * A view of elements of any memory. The element whose indices are all 0 lies at `byteOffset`, a multiple of the element's bytes; without
 * strides (in elements) the others follow in row-major order. Its `array` is the whole buffer. Throws a `schema` error when it reaches outside.
 */
export function viewOver<E extends ElementType>(dtype: E, buffer: SlabMemory, byteOffset: number, { shape, strides }: Pick<ViewLayout, 'shape'> & Partial<ViewLayout>): View<E> {
  checkType(dtype)
  const item = elementBytes[dtype]
  if (!(Number.isSafeInteger(byteOffset) && byteOffset >= 0 && byteOffset % item === 0)) throw bad(`a view of ${dtype} can't begin at byte ${byteOffset}`, `give a multiple of ${item}`)
  return new View(dtype, elementArray(dtype, buffer, 0, Math.floor(buffer.byteLength / item)), { offset: byteOffset / item, shape, strides: strides ?? rowMajor(shape) })
}
