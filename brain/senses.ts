import { MetabonkError, regionArray, type KindType, type RegionPlan, type Slab } from '../runtime/index.ts'
import type { PolicyKind } from './action.ts'
import type { Inputs } from './mlp.ts'

/** Pictures as a thread reads them. */
export interface Pixels {
  /** Red, green, blue of every pixel of every row. */
  readonly rgb: Uint8Array
  /** Index of the first pixel of a row's picture of exactly that step; throws when there is none. */
  pixelsOf(row: number, step: number): number
}

/** Where a policy that acts from pixels gets its pictures. */
export interface PixelSource {
  readonly width: number
  readonly height: number
  readonly open: (slab: Slab) => Pixels
}

/** What a policy takes in. */
export interface Sense {
  /** Elements of one observation. */
  readonly elements: number
  readonly open: (slab: Slab) => OpenSense
}

/** A sense in one thread. */
export interface OpenSense {
  /** Holds the observations: numbers, or bytes that stand for 255th parts of 1. */
  readonly values: Inputs
  /** Brings up the observation of a row at a step; returns its first element in `values`. */
  readonly take: (row: number, step: number) => number
}

function elementsOf({ policy }: PolicyKind): number {
  return policy.observation.shape.reduce((product, extent) => product * extent, 1)
}

export function hasPolicy(kind: KindType): kind is PolicyKind {
  return kind.policy !== undefined
}

function regionOf(kind: KindType): string {
  return `observations.${kind.name}`
}

/** The shared regions that hold observations: `observations.KIND`, f32 [rowsMax, elements], for every kind with a policy. */
export function observationRegions(kinds: readonly KindType[]): RegionPlan[] {
  return kinds.filter(hasPolicy).map((kind) => ({ name: regionOf(kind), kind: 'tensor', dtype: 'f32', shape: [kind.rowsMax, elementsOf(kind)] }))
}

/** The observations of a kind: f32 [rowsMax, elements], as its observer left them. */
export function observationsOf(slab: Slab, kind: KindType): Float32Array {
  return regionArray(slab, regionOf(kind), 'f32')
}

/** What an earlier stage of the step wrote into the kind's region. Every element must be finite. */
export function observationSense(kind: PolicyKind): Sense {
  const elements = elementsOf(kind)
  return {
    elements,
    open: (slab) => {
      const values = observationsOf(slab, kind)
      const take = (row: number): number => {
        const from = row * elements
        // A number times 0 is 0 unless it is infinite or none: looking at each of them for that took three times as long.
        let odd = 0
        for (let i = from; i < from + elements; i++) odd += values[i] * 0
        if (odd !== 0) throw notFinite(kind, row, values.subarray(from, from + elements))
        return from
      }
      return { values, take }
    },
  }
}

function notFinite(kind: KindType, row: number, values: Float32Array): MetabonkError {
  const element = values.findIndex((value) => !Number.isFinite(value))
  return new MetabonkError({
    code: 'world-invalid',
    what: `element ${element} of the observation of ${kind.name} ${row} is ${values[element]}`,
    where: `observer of ${kind.name}`,
    todo: 'give every element a finite number',
  })
}

/** The picture of the row's camera: red, green, blue of each pixel. */
export function pixelSense({ width, height, open }: PixelSource): Sense {
  const elements = 3 * width * height
  return {
    elements,
    open: (slab) => {
      const pixels = open(slab)
      return { values: pixels.rgb, take: (row, step) => 3 * pixels.pixelsOf(row, step) }
    },
  }
}
