/**
 * The land of the arena: a height field that is a pure function of seed, map and place, so that it is no part of a state.
 * Value noise: random heights at the points of a lattice, blended smoothly between them, three octaves of it. Lattices repeat at the
 * map's borders, which are glued together. The points of a land are computed once.
 */
import type { StepWorld, Terrain } from 'metabonk'
import { remembered } from './remembered.ts'

/** Metres from the lowest to the highest land there can be. */
export const heightMax = 8

/** Edge of a cell of the coarsest lattice, in metres, as near as the map allows. */
const cellMetres = 16
const octaves = 3
/** Sum of the octaves' weights: 4, 2 and 1. */
const weights = 7
const two32 = 4294967296

/** The heights of a land at the points of its lattices. */
export interface Land {
  /** Edge of the map in metres. */
  readonly map: number
  /** Cells of the coarsest lattice along an edge; each other one has twice as many as the one before. */
  readonly cells: number
  /** Octave by octave, line by line: 2^32 times the value of each point. Two more columns and lines than there are cells repeat the first ones. */
  readonly points: Uint32Array
  /** Places that are asked about, as x, y pairs, to be written before {@link survey} is called; what it finds of each; and of the first one. */
  readonly places: Float64Array
  /** In metres, 0 to {@link heightMax}. */
  readonly heights: Float64Array
  /** The share of its speed that one keeps: wading is slow, and so is thin air. */
  readonly footing: Float64Array
}

/** Places that are asked about at once, at most. */
const placesMax = 9

/** The land of a seed. */
export function landOf(seed: number, map: number): Land {
  const key = mix((seed >>> 0) ^ mix(Math.floor(seed / two32)))
  const cells = Math.round(map / cellMetres)
  return { map, cells, points: Uint32Array.from(Array.from({ length: octaves }, (_, octave) => lattice(key + octave, cells << octave)).flat()), places: new Float64Array(2 * placesMax), heights: new Float64Array(placesMax), footing: new Float64Array(1) }
}

/** The land that a world's agents walk on: one for all systems of a run, whose space is its own. */
export const landUnder = remembered(
  (world: StepWorld<{ readonly map: number }>) => landOf(world.seed, world.config.map),
  ({ space }) => space,
)

/** Random points of `cells` x `cells`, and the first ones again. */
function lattice(key: number, cells: number): number[] {
  const pitch = cells + 2
  return Array.from({ length: pitch * pitch }, (_, point) => mix(mix(key + ((point % pitch) % cells)) + (Math.floor(point / pitch) % cells)))
}

/** Stirs 32 bits: the mixer `lowbias32` of Wellons' hash prospector. */
function mix(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return hash ^ (hash >>> 16)
}

/**
 * Finds out what a land is like at the first `count` of its places. Beyond the borders the land repeats. Values are blended with a slope of 0 at both ends.
 *
 * Numbers stand in arrays because those that are given to a function that is not inlined, or taken from it, become objects on the heap. This one is longer
 * than the 460 bytes of bytecode that V8 inlines at most: within a system it would leave no room for the small functions, whose numbers then would.
 */
export function survey({ map, cells, points, places, heights, footing }: Land, count: number): void {
  for (let i = 0; i < count; i++) {
    const x = places[2 * i]
    const y = places[2 * i + 1]
    let u = (x / map - Math.floor(x / map)) * cells
    let v = (y / map - Math.floor(y / map)) * cells
    let first = 0
    let pitch = cells + 2
    let sum = 0
    for (let octave = 0, weight = 4 / two32; octave < octaves; octave++, weight *= 0.5, u *= 2, v *= 2, first += pitch * pitch, pitch += pitch - 2) {
      // Whole parts as integers, which are indices as they are: with Math.floor a height took a third longer.
      const column = u | 0
      const line = v | 0
      const corner = first + line * pitch + column
      const right = u - column
      const above = v - line
      const across = right * right * (3 - 2 * right)
      const up = above * above * (3 - 2 * above)
      const lower = points[corner] * (1 - across) + points[corner + 1] * across
      const upper = points[corner + pitch] * (1 - across) + points[corner + pitch + 1] * across
      sum += weight * (lower * (1 - up) + upper * up)
    }
    heights[i] = (sum / weights) * heightMax
  }
  footing[0] = heights[0] < waterLevel ? 0.6 : 1 - 0.4 * (heights[0] / heightMax)
}

/** Height in metres of a place. */
export function heightAt(land: Land, x: number, y: number): number {
  land.places[0] = x
  land.places[1] = y
  survey(land, 1)
  return land.heights[0]
}

const waterLevel = 3

/** What the land looks like up to a height. Segmentations 1 to 5. */
const bands = [
  { upTo: waterLevel, colour: [44, 96, 168], segmentation: 1 },
  { upTo: 3.3, colour: [206, 188, 130], segmentation: 2 },
  { upTo: 4.8, colour: [86, 142, 62], segmentation: 3 },
  { upTo: 5.6, colour: [122, 112, 102], segmentation: 4 },
  { upTo: heightMax, colour: [236, 240, 244], segmentation: 5 },
] as const

/** Cells of the land along an edge, as cameras see it: about two a metre, at most so many, in eights. */
const cellsMax = 512

/** The land as cameras see it: water is flat. */
export function terrainOf(land: Land): Terrain {
  const columns = Math.min(8 * Math.round(land.map / 4), cellsMax)
  const cell = land.map / columns
  const corners = columns + 1
  const heights = new Float32Array(corners * corners)
  for (let corner = 0; corner < heights.length; corner++) {
    const column = corner % corners % columns
    const line = Math.floor(corner / corners) % columns
    heights[corner] = Math.max(heightAt(land, column * cell, line * cell), waterLevel)
  }
  const colours = new Uint8Array(3 * columns * columns)
  const segmentation = new Uint16Array(columns * columns)
  for (let texel = 0; texel < segmentation.length; texel++) {
    const height = heightAt(land, ((texel % columns) + 0.5) * cell, (Math.floor(texel / columns) + 0.5) * cell)
    const band = bands.find(({ upTo }) => height < upTo) ?? bands[bands.length - 1]
    colours.set(band.colour, 3 * texel)
    segmentation[texel] = band.segmentation
  }
  return { columns, lines: columns, cell, heights, colours, segmentation }
}
