import { MetabonkError } from '../errors.ts'
import { checkOptions } from './options.ts'
import { limits } from '../limits.ts'
import { f32, u16, u8, vec, type ColumnType } from './types.ts'

/**
 * A set of possible values of an observation or an action, in Gymnasium's words: `Box` for arrays of numbers between
 * bounds, `Discrete` for one of n choices. Masks say which choices are valid now.
 */
export interface Space<T extends ColumnType = ColumnType> {
  readonly form: 'box' | 'discrete'
  readonly dtype: 'f32' | 'u16' | 'u8'
  readonly shape: readonly number[]
  /** Inclusive bounds of every element. */
  readonly low: number
  readonly high: number
  /** Choices of a discrete space, else 0. */
  readonly choices: number
  /** True when the kind's `actionMask` column says which choices are valid (1) or not (0). */
  readonly masked: boolean
  /** The column that stores one value. */
  readonly column: T
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1)
}

/** A box of f32 (or u8) numbers from `low` to `high`. As an action it needs a single axis of at most `limits.vectorMax`. */
export function box(shape: readonly number[], low: number, high: number, dtype: 'f32' | 'u8' = 'f32'): Space<ColumnType<readonly number[], Float32Array>> {
  const size = elements(shape)
  if (!shape.every((extent) => Number.isInteger(extent) && extent > 0) || size > limits.observationMax) {
    throw new MetabonkError({ code: 'schema', what: `a box can't have the shape [${shape.join(', ')}]`, todo: `use positive extents, at most ${limits.observationMax} elements` })
  }
  if (!(low < high)) throw new MetabonkError({ code: 'schema', what: `a box from ${low} to ${high} is empty`, todo: 'give low < high' })
  const column = vec<Float32Array, number>(f32, size <= limits.vectorMax ? size : 1)
  return Object.freeze({ form: 'box', dtype, shape: Object.freeze([...shape]), low, high, choices: 0, masked: false, column })
}

/** One of `choices` values 0 .. choices - 1. `masked` adds the column `actionMask`. */
export function discrete(choices: number, options: { readonly masked?: boolean } = {}): Space<ColumnType<number, Uint16Array>> {
  checkOptions('a discrete space', options, [], ['masked'])
  if (!Number.isInteger(choices) || choices < 2 || choices > limits.labelsMax) {
    throw new MetabonkError({ code: 'schema', what: `a discrete space can't have ${choices} choices`, todo: `give 2 to ${limits.labelsMax}` })
  }
  const masked = options.masked ?? false
  if (masked && choices > limits.vectorMax) {
    throw new MetabonkError({ code: 'schema', what: `a masked discrete space can't have ${choices} choices`, todo: `give at most ${limits.vectorMax}` })
  }
  return Object.freeze({ form: 'discrete', dtype: 'u16', shape: Object.freeze([]), low: 0, high: choices - 1, choices, masked, column: u16 })
}

/** Column type of the mask of a masked discrete space: one byte a choice. */
export function maskColumn(space: Space): ColumnType<readonly number[], Uint8Array> {
  return vec<Uint8Array, number>(u8, space.choices)
}

/** A flat or periodic rectangle that agents with a published `at: vec(f32, 2)` live in. */
export interface WorldSpace {
  readonly width: number
  readonly height: number
  /** True when the edges are glued together. */
  readonly wraps: boolean
}

function worldSpace(width: number, height: number, wraps: boolean): WorldSpace {
  if (!(width > 0 && height > 0 && width < 1e9 && height < 1e9)) {
    throw new MetabonkError({ code: 'schema', what: `a space of ${width} by ${height} is not usable`, todo: 'give positive sizes below 1e9' })
  }
  return Object.freeze({ width, height, wraps })
}

/** A rectangle whose edges are glued together. Positions are kept in [0, width) x [0, height) by the world's systems. */
export function torus(width: number, height: number): WorldSpace {
  return worldSpace(width, height, true)
}

/** A rectangle with walls. */
export function bounded(width: number, height: number): WorldSpace {
  return worldSpace(width, height, false)
}
