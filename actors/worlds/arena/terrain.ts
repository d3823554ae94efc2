/**
 * The land of the arena: a height field that is a pure function of seed, map and place, so that nobody has to store or share it.
 * Value noise: random heights at the points of a lattice, blended smoothly between them, three octaves of it. Lattices repeat at the
 * map's borders, which are glued together.
 */
import type { Terrain } from 'metabonk'

/** What the height at a place depends on. */
export interface Land {
  readonly key: number
  /** Edge of the map in metres. */
  readonly map: number
  /** Cells of the coarsest lattice along an edge. */
  readonly cells: number
}

/** Metres from the lowest to the highest land there can be. */
export const heightMax = 8

/** Edge of a cell of the coarsest lattice, in metres, as near as the map allows. */
const cellMetres = 16

/** The land of a seed. */
export function landOf(seed: number, map: number): Land {
  return { key: mix((seed >>> 0) ^ mix(Math.floor(seed / 4294967296))), map, cells: Math.round(map / cellMetres) }
}

/** Stirs 32 bits: the mixer `lowbias32` of Wellons' hash prospector. */
function mix(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return hash ^ (hash >>> 16)
}

/** Value of a lattice point, in [0, 1). */
function pointValue(key: number, column: number, line: number): number {
  return (mix(mix(key + column) + line) >>> 0) / 4294967296
}

/** A blend from 0 to 1 whose slope is 0 at both ends. */
function smooth(part: number): number {
  return part * part * (3 - 2 * part)
}

/** One octave: u and v count cells of its lattice of `cells` x `cells`. */
function noise(key: number, cells: number, u: number, v: number): number {
  const column = Math.floor(u)
  const line = Math.floor(v)
  const left = column % cells
  const right = (column + 1) % cells
  const low = line % cells
  const high = (line + 1) % cells
  const across = smooth(u - column)
  const lower = pointValue(key, left, low) * (1 - across) + pointValue(key, right, low) * across
  const upper = pointValue(key, left, high) * (1 - across) + pointValue(key, right, high) * across
  const up = smooth(v - line)
  return lower * (1 - up) + upper * up
}

/** Height in metres of a place: 0 to {@link heightMax}. Beyond the borders the land repeats. */
export function heightAt({ key, map, cells }: Land, x: number, y: number): number {
  const u = (x / map - Math.floor(x / map)) * cells
  const v = (y / map - Math.floor(y / map)) * cells
  const sum = 4 * noise(key, cells, u, v) + 2 * noise(key + 1, 2 * cells, 2 * u, 2 * v) + noise(key + 2, 4 * cells, 4 * u, 4 * v)
  return (sum / 7) * heightMax
}

const waterLevel = 3

/** Share of its speed that one keeps at a height: wading is slow, and so is thin air. */
export function footing(height: number): number {
  return height < waterLevel ? 0.6 : 1 - 0.4 * (height / heightMax)
}

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
