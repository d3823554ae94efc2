/** Who is in a picture, and where: boxes around agents, and their names. */
import { billboard, bodyAt, bodyWords, meshAt, meshWords, tagAt, tagWords } from '../draw/layout.ts'
import type { DrawList } from '../draw-list.ts'
import { dot, type Vec3 } from '../face.ts'
import { drawBox } from '../picture/drawing.ts'
import { drawText, textHeight, textWidth } from '../picture/letters.ts'
import { fillBox, type Box, type Colour, type Picture } from '../picture/picture.ts'
import type { Projection } from './projection.ts'

/** An agent in a picture. */
export interface Outline {
  /** kind:row. */
  readonly name: string
  readonly colour: Colour
  /** Square of the metres from the eye to its middle. */
  readonly distance: number
  readonly box: Box
}

/** Half an edge, and where the middle is, along x, y and z of a mesh. */
interface Extent {
  readonly middle: Vec3
  readonly half: Vec3
}

function extentOf({ meshes }: DrawList, mesh: number): Extent {
  const first = meshes.meshes[mesh * meshWords + meshAt.vertexFirst]
  const end = first + meshes.meshes[mesh * meshWords + meshAt.vertexCount]
  const least = [Infinity, Infinity, Infinity]
  const most = [-Infinity, -Infinity, -Infinity]
  for (let at = 3 * first; at < 3 * end; at++) {
    const axis = at % 3
    least[axis] = Math.min(least[axis], meshes.vertices[at])
    most[axis] = Math.max(most[axis], meshes.vertices[at])
  }
  const along = (of: (axis: number) => number): Vec3 => [of(0), of(1), of(2)]
  return { middle: along((axis) => (least[axis] + most[axis]) / 2), half: along((axis) => (most[axis] - least[axis]) / 2) }
}

function plus(a: Vec3, b: Vec3, times: number): Vec3 {
  return [a[0] + b[0] * times, a[1] + b[1] * times, a[2] + b[2] * times]
}

/** The corners of a block, as far from its middle as these three say: bit i of a corner's number tells which side of the i-th it is on. */
function cornersAround(middle: Vec3, edges: readonly Vec3[]): Vec3[] {
  return Array.from({ length: 8 }, (_, corner) => edges.reduce((place, edge, i) => plus(place, edge, (corner >> i) & 1 ? 1 : -1), middle))
}

/** Finds the blocks around instances. */
class Blocks {
  private readonly list: DrawList
  private readonly projection: Projection
  private readonly extents = new Map<number, Extent>()

  constructor(list: DrawList, projection: Projection) {
    this.list = list
    this.projection = projection
  }

  /** From the eye to an instance, in the world. */
  awayOf(instance: number): Vec3 {
    const { bounds, capacity } = this.list.instances
    return this.projection.away(bounds[instance], bounds[capacity + instance], bounds[2 * capacity + instance])
  }

  /** The box of pixels around an instance: of its mesh's own block, turned and scaled as it is; of what turns to the eye, of the square around its sphere. */
  boxOf(instance: number): Box | undefined {
    const { list, projection } = this
    const { bodies, tags, bounds, capacity } = list.instances
    const tag = tags[instance * tagWords + tagAt.mesh]
    const away = this.awayOf(instance)
    if (tag >>> 24 !== billboard.none) {
      const radius = bounds[3 * capacity + instance]
      return projection.boxOf(cornersAround(projection.turned(away), [[radius, 0, 0], [0, radius, 0], [0, 0, 0]]))
    }
    const { middle, half } = this.extentOf(tag & 0xffffff)
    const at = instance * bodyWords + bodyAt.axes
    const axes = [0, 3, 6].map((axis): Vec3 => [bodies[at + axis], bodies[at + axis + 1], bodies[at + axis + 2]])
    const centre = axes.reduce((place, axis, i) => plus(place, axis, middle[i]), away)
    return projection.boxOf(cornersAround(projection.turned(centre), axes.map((axis, i) => plus([0, 0, 0], projection.turned(axis), half[i]))))
  }

  private extentOf(mesh: number): Extent {
    const extent = this.extents.get(mesh) ?? extentOf(this.list, mesh)
    this.extents.set(mesh, extent)
    return extent
  }
}

/** The smallest box around two. */
function around(a: Box, b: Box): Box {
  const left = Math.min(a.left, b.left)
  const top = Math.min(a.top, b.top)
  return { left, top, width: Math.max(a.left + a.width, b.left + b.width) - left, height: Math.max(a.top + a.height, b.top + b.height) - top }
}

/**
 * The agents that a picture shows some of, the nearest first; of equally near ones what the scene lists first. `seen` is the segmentation by instance of
 * its samples. An agent of several visuals has the box around those that are seen, and the colour of the first of them.
 */
export function outlinesOf(list: DrawList, projection: Projection, seen: Uint16Array): Outline[] {
  const isSeen = new Uint8Array(65536)
  for (const single of seen) isSeen[single] = 1
  const { tags, singled } = list.instances
  const blocks = new Blocks(list, projection)
  const outlines = new Map<string, Outline>()
  for (const { kind, row, instance } of list.owners()) {
    const box = isSeen[singled[instance * tagWords + tagAt.segmentation]] === 1 ? blocks.boxOf(instance) : undefined
    if (box === undefined) continue
    const name = `${kind.name}:${row}`
    const before = outlines.get(name)
    const away = blocks.awayOf(instance)
    const distance = Math.min(dot(away, away), before?.distance ?? Infinity)
    outlines.set(name, { name, colour: before?.colour ?? tags[instance * tagWords + tagAt.colour], distance, box: before === undefined ? box : around(before.box, box) })
  }
  return [...outlines.values()].sort((a, b) => a.distance - b.distance)
}

/** Draws the boxes, one pixel wide, the nearest last. */
export function drawBoxes(picture: Picture, outlines: readonly Outline[]): void {
  for (const { box, colour } of outlines.toReversed()) drawBox(picture, box, colour)
}

/** A name and where it is written. */
interface Label {
  readonly text: string
  readonly box: Box
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height
}

/**
 * The names of agents, the nearest first: above their boxes, in line with their left edges, and moved into the picture where they would leave it. A name that would lie
 * on one that is there already is left out, and so is one that is wider than the picture.
 */
export function labelsOf(outlines: readonly Outline[], { width, height }: Pick<Picture, 'width' | 'height'>): Label[] {
  const labels: Label[] = []
  for (const { name: text, box } of outlines) {
    const size = { width: textWidth(text) + 1, height: textHeight + 1 }
    if (size.width > width) continue
    const left = Math.max(0, Math.min(box.left, width - size.width))
    const top = Math.max(0, Math.min(box.top - size.height, height - size.height))
    const label = { text, box: { left, top, ...size } }
    if (!labels.some((other) => overlap(other.box, label.box))) labels.push(label)
  }
  return labels
}

const labelText: Colour = 0xffffff
const labelGround: Colour = 0x101010

/** Writes names, white on black. */
export function drawLabels(picture: Picture, labels: readonly Label[]): void {
  for (const { text, box } of labels) {
    fillBox(picture, box, labelGround)
    drawText(picture, text, { left: box.left + 1, top: box.top + 1, colour: labelText })
  }
}
