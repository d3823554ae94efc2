/**
 * What there is to draw at a step: scenery, then the live rows of each visual's kind, visual by visual as the scene lists them. That order is the
 * order of instances, and of what is equally near a picture shows the first.
 */
import { MetabonkError, type KindType, type Others, type StepWorld } from '../runtime/index.ts'
import { billboard, bodyAt, bodyWords, tagAt, tagWords } from './draw/layout.ts'
import { lengthOf, type Vec3 } from './face.ts'
import { packMeshes, type PackedMeshes } from './pack-meshes.ts'
import { isFactor, Land, metresMax, Places, sizeMin } from './place.ts'
import { defaultLight, type PerAgent, type Rgb, type Scene, type Visual } from './scene.ts'
import { Turn } from './turn.ts'

/** Segmentation of one thing from another: the ground's, and the first of as many as there are numbers for. */
export const groundInstance = 65535
const instanceNumbers = 65534

/** A bounding sphere is larger by this part, which is more than the rounding of its body to f32. */
const radiusSlack = 1 + 1e-5

type Column = Others['columns']

export function packed([red, green, blue]: Rgb): number {
  return red * 0x10000 + green * 0x100 + blue
}

/** Room for instances, and where the next goes. */
class Instances {
  readonly capacity: number
  readonly bounds: Float32Array
  readonly bodies: Float32Array
  readonly tags: Uint32Array
  /** The same tags, with a number of its own as the segmentation of each. */
  readonly singled: Uint32Array
  /** And which each is of all there can be. */
  readonly numbers: Uint32Array
  count = 0
  readonly turn = new Turn()
  private readonly towards: Float64Array

  constructor(capacity: number, singles: boolean, towards: Vec3) {
    this.capacity = capacity
    this.bounds = new Float32Array(4 * capacity)
    this.bodies = new Float32Array(bodyWords * capacity)
    this.tags = new Uint32Array(tagWords * capacity)
    this.singled = new Uint32Array(singles ? tagWords * capacity : 0)
    this.numbers = new Uint32Array(singles ? capacity : 0)
    const length = lengthOf(towards)
    this.towards = Float64Array.of(towards[0] / length, towards[1] / length, towards[2] / length)
  }

  /** Puts the next instance somewhere. */
  move(x: number, y: number, z: number): void {
    const { bounds, bodies, capacity, count } = this
    bounds[count] = x
    bounds[capacity + count] = y
    bounds[2 * capacity + count] = z
    const at = count * bodyWords + bodyAt.position
    bodies[at] = x
    bodies[at + 1] = y
    bodies[at + 2] = z
  }

  /** Gives it the axes of `turn`, each as long as `size` says, and the radius of its mesh. */
  shape(size: Float64Array, meshRadius: number): void {
    const { bodies, towards } = this
    const { axes } = this.turn
    const at = this.count * bodyWords
    for (let axis = 0; axis < 3; axis++) {
      const x = axes[3 * axis]
      const y = axes[3 * axis + 1]
      const z = axes[3 * axis + 2]
      const length = size[axis]
      const inverse = 1 / length
      const own = at + 3 * axis
      bodies[own + bodyAt.axes] = x * length
      bodies[own + bodyAt.axes + 1] = y * length
      bodies[own + bodyAt.axes + 2] = z * length
      bodies[own + bodyAt.inverse] = x * inverse
      bodies[own + bodyAt.inverse + 1] = y * inverse
      bodies[own + bodyAt.inverse + 2] = z * inverse
      bodies[at + bodyAt.light + axis] = x * towards[0] + y * towards[1] + z * towards[2]
    }
    this.bounds[3 * this.capacity + this.count] = meshRadius * radiusSlack * Math.max(size[0], size[1], size[2])
  }

  /** Gives it the axes and the radius of an earlier one. */
  shapeAs(earlier: number): void {
    const { bodies, bounds, capacity, count } = this
    const from = earlier * bodyWords
    const to = count * bodyWords
    for (let word = bodyAt.axes as number; word < bodyWords; word++) bodies[to + word] = bodies[from + word]
    bounds[3 * capacity + count] = bounds[3 * capacity + earlier]
  }

  /** Says what it is, and goes on to the next. */
  tag(mesh: number, colour: number, segmentation: number, single: number): void {
    const at = this.count * tagWords
    this.putTags(this.tags, at, mesh, colour)
    this.tags[at + tagAt.segmentation] = segmentation
    if (this.singled.length > 0) {
      this.putTags(this.singled, at, mesh, colour)
      this.singled[at + tagAt.segmentation] = 1 + (single % instanceNumbers)
      this.numbers[this.count] = single
    }
    this.count++
  }

  private putTags(tags: Uint32Array, at: number, mesh: number, colour: number): void {
    tags[at + tagAt.mesh] = mesh
    tags[at + tagAt.colour] = colour
  }
}

/** The agents of one visual, as they are drawn. */
class Crowd {
  readonly kind: KindType
  /** Place in the list of each row's instance, -1 for none; only where somebody wants to know. */
  readonly instanceOf: Int32Array | undefined
  private readonly visual: Visual
  private readonly places: Places
  private readonly mesh: number
  private readonly meshRadius: number
  /** Number of row 0's instance among all there can be. */
  private readonly first: number
  /** The instances it has now: from the first to the one before the last. */
  private begin = 0
  private end = 0
  private readonly size = new Float64Array(3).fill(1)
  private readonly isAlike: boolean

  constructor(visual: Visual, places: Places, parts: CrowdParts) {
    const { kind, mesh, billboard: mode } = visual
    this.visual = visual
    this.kind = kind
    this.places = places
    const index = parts.meshes.index.get(mesh) ?? 0
    this.mesh = index + (mode === undefined ? billboard.none : billboard[mode]) * 0x1000000
    this.meshRadius = parts.meshes.radii[index]
    this.first = parts.first
    this.instanceOf = parts.isWanted ? new Int32Array(kind.rowsMax) : undefined
    const sizes = sizesOf(visual.size)
    this.isAlike = [visual.yaw, visual.pitch, visual.roll, ...sizes].every((each) => typeof each !== 'function')
  }

  gather(list: Instances): void {
    const { others } = this.places
    const { columns, alive } = others
    const { hidden, lift } = this.visual
    const first = list.count
    this.instanceOf?.fill(-1, 0, others.rows)
    for (let row = 0; row < others.rows; row++) {
      if (alive[row] !== 1 || hidden?.(columns, row) === true) continue
      this.places.read(row)
      list.move(this.places.x, this.places.y, this.places.z + this.amount('lift', lift, columns, row))
      if (this.isAlike && list.count > first) list.shapeAs(first)
      else this.shape(list, columns, row)
      if (this.instanceOf !== undefined) this.instanceOf[row] = list.count
      list.tag(this.mesh, this.colourOf(columns, row), this.segmentationOf(columns, row), this.first + row)
    }
    this.begin = first
    this.end = list.count
  }

  /** Whose its instances are, in their order. */
  *owners({ numbers }: Instances): Generator<Owner, void, void> {
    for (let instance = this.begin; instance < this.end; instance++) {
      const row = numbers[instance] - this.first
      yield { kind: this.kind, row, id: this.places.others.id(row), instance }
    }
  }

  private shape(list: Instances, columns: Column, row: number): void {
    const { yaw, pitch, roll, size } = this.visual
    list.turn.to(this.amount('yaw', yaw, columns, row), this.amount('pitch', pitch, columns, row), this.amount('roll', roll, columns, row))
    if (typeof size === 'object') for (let axis = 0; axis < 3; axis++) this.size[axis] = this.factor(size[axis], columns, row)
    else this.size.fill(this.factor(size, columns, row))
    list.shape(this.size, this.meshRadius)
  }

  private amount(name: string, amount: PerAgent | undefined, columns: Column, row: number): number {
    if (typeof amount !== 'function') return amount ?? 0
    const value = amount(columns, row)
    if (!(Math.abs(value) <= metresMax)) throw this.wrong(row, name, value, `return a number from -${metresMax} to ${metresMax}`)
    return value
  }

  private factor(size: PerAgent | undefined, columns: Column, row: number): number {
    if (typeof size !== 'function') return size ?? 1
    const value = size(columns, row)
    if (!isFactor(value)) throw this.wrong(row, 'size', value, `return a number from ${sizeMin} to ${metresMax}`)
    return value
  }

  private colourOf(columns: Column, row: number): number {
    const { colour } = this.visual
    if (typeof colour !== 'function') return packed(colour)
    const value = colour(columns, row)
    if (!(value >= 0 && value <= 0xffffff && Number.isInteger(value))) throw this.wrong(row, 'colour', value, 'return red x 65536 + green x 256 + blue')
    return value
  }

  private segmentationOf(columns: Column, row: number): number {
    const { segmentation } = this.visual
    if (typeof segmentation !== 'function') return segmentation
    const value = segmentation(columns, row)
    if (!(value >= 0 && value <= 65535 && Number.isInteger(value))) throw this.wrong(row, 'segmentation', value, 'return an integer from 0 to 65535')
    return value
  }

  private wrong(row: number, name: string, value: number, todo: string): MetabonkError {
    return new MetabonkError({ code: 'world-invalid', what: `the ${name} of ${this.kind.name} ${row} can't be ${value}`, where: 'scene', todo })
  }
}

/** An agent and one of its instances in the list. */
export interface Owner {
  readonly kind: KindType
  readonly row: number
  readonly id: number
  readonly instance: number
}

interface CrowdParts {
  readonly meshes: PackedMeshes
  readonly first: number
  readonly isWanted: boolean
}

function sizesOf(size: Visual['size']): readonly (PerAgent | undefined)[] {
  return typeof size === 'object' ? size : [size]
}

/** Gathers the instances of a scene, in one thread: the same arrays, filled anew at every step. */
export class DrawList {
  readonly meshes: PackedMeshes
  readonly land: Land
  readonly instances: Instances
  private readonly crowds: readonly Crowd[]
  private readonly scenery: number

  /** For a scene that `checkScene` has passed. `singles`: one instance can be told from another. Default: where a camera does. */
  constructor(scene: Scene, world: Pick<StepWorld, 'space' | 'others'>, singles = scene.cameras.some(({ segmentation }) => segmentation === 'instance')) {
    const { visuals, scenery = [], cameras } = scene
    this.meshes = packMeshes([...scenery, ...visuals].map(({ mesh }) => mesh))
    this.land = new Land(scene.terrain, world.space)
    const capacity = visuals.reduce((sum, { kind }) => sum + kind.rowsMax, scenery.length)
    this.instances = new Instances(capacity, singles, (scene.light ?? defaultLight).towards)
    this.packScenery(scene)
    this.scenery = this.instances.count
    let first = scenery.length
    this.crowds = visuals.map((visual, i) => {
      const { kind } = visual
      const isFirst = visuals.findIndex((each) => each.kind.name === kind.name) === i
      const isWanted = isFirst && cameras.some(({ kind: seer, view }) => seer.name === kind.name && view.from === 'eyes')
      const crowd = new Crowd(visual, new Places(kind, visual.at ?? 'at', world.others(kind), this.land), { meshes: this.meshes, first, isWanted })
      first += kind.rowsMax
      return crowd
    })
  }

  /** Gathers what is live now. Throws `world-invalid` for an agent that is nowhere, or looks like nothing. */
  gather(): void {
    this.instances.count = this.scenery
    for (const crowd of this.crowds) crowd.gather(this.instances)
  }

  /** Whose the instances are, in their order, scenery left out; only where one can be told from another. */
  *owners(): Generator<Owner, void, void> {
    for (const crowd of this.crowds) yield* crowd.owners(this.instances)
  }

  /** Where a camera looks from the eyes of a kind: the instance of each row in the kind's first visual, -1 for none. Else undefined. */
  instancesOf(kind: KindType): Int32Array | undefined {
    return this.crowds.find((crowd) => crowd.kind.name === kind.name)?.instanceOf
  }

  private packScenery({ scenery = [] }: Scene): void {
    const { instances, land, meshes } = this
    const size = new Float64Array(3)
    for (const { mesh, at, lift = 0, size: given = 1, yaw = 0, pitch = 0, roll = 0, billboard: mode = 'none', colour, segmentation } of scenery) {
      const x = land.placeX(at[0])
      const y = land.placeY(at[1])
      instances.move(x, y, (at.length === 3 ? at[2] : land.heightAt(x, y)) + lift)
      instances.turn.to(yaw, pitch, roll)
      size.set(typeof given === 'number' ? [given, given, given] : given)
      const index = meshes.index.get(mesh) ?? 0
      instances.shape(size, meshes.radii[index])
      instances.tag(index + billboard[mode] * 0x1000000, packed(colour), segmentation, instances.count)
    }
  }
}
