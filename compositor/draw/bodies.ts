import type { DrawJob } from '../../runtime/index.ts'
import { along, type Eye } from './eye.ts'
import { billboard, bodyAt, bodyWords, faceWords, meshAt, meshWords, none, numberAt, planeWords, tagAt, tagWords } from './layout.ts'
import type { Plane } from './canvas.ts'
import type { Polygon } from './polygon.ts'

/** Colour and segmentation of the faces seen in a picture, by slot. Slot 0 is the sky, slot 1 the ground. */
export class Slots {
  private colours = new Uint32Array(1024)
  private kinds = new Uint32Array(1024)
  private count = 2

  clear(): void {
    this.count = 2
  }

  add(colour: number, kind: number): number {
    if (this.count === this.colours.length) {
      const colours = new Uint32Array(2 * this.count)
      colours.set(this.colours)
      this.colours = colours
      const kinds = new Uint32Array(2 * this.count)
      kinds.set(this.kinds)
      this.kinds = kinds
    }
    this.colours[this.count] = colour
    this.kinds[this.count] = kind
    return this.count++
  }

  colour(slot: number): number {
    return this.colours[slot]
  }

  kind(slot: number): number {
    return this.kinds[slot]
  }
}

/** A colour under a light, channel by channel: rounded to the nearest, halves up, at most 255. */
function lit(colour: number, light: number): number {
  const red = Math.min(Math.floor(((colour >>> 16) & 255) * light + 0.5), 255)
  const green = Math.min(Math.floor(((colour >>> 8) & 255) * light + 0.5), 255)
  return red * 65536 + green * 256 + Math.min(Math.floor((colour & 255) * light + 0.5), 255)
}

/** Draws the instances of a job, in their order: of what is equally near, the first is seen. */
export class Bodies {
  private readonly eye: Eye
  private readonly polygon: Polygon
  private readonly slots: Slots
  /** From the eye to the instance, in the world; and its middle as the eye sees it. */
  private readonly away = new Float64Array(3)
  private readonly middle = new Float64Array(3)
  /** Columns of M, rows of its inverse, and the direction towards the light in the object. */
  private readonly axes = new Float64Array(9)
  private readonly inverse = new Float64Array(9)
  private readonly light = new Float64Array(3)
  /** Columns of M as the eye sees them. */
  private readonly seen = new Float64Array(9)
  /** In the object: the eye's place; the directions right, down and forward. */
  private readonly place = new Float64Array(3)
  private readonly right = new Float64Array(3)
  private readonly down = new Float64Array(3)
  private readonly forward = new Float64Array(3)
  private readonly plane: Plane = { perColumn: 0, perLine: 0, middle: 0, slot: 0 }

  constructor(eye: Eye, polygon: Polygon, slots: Slots) {
    this.eye = eye
    this.polygon = polygon
    this.slots = slots
  }

  drawAll(job: DrawJob, unseen: number): void {
    const count = job.numbers[numberAt.instances]
    for (let instance = 0; instance < count; instance++) if (instance !== unseen) this.draw(job, instance)
  }

  private draw(job: DrawJob, instance: number): void {
    const { eye, away, middle } = this
    const { bounds, tags } = job
    const capacity = job.numbers[numberAt.capacity]
    away[0] = eye.awayX(bounds[instance])
    away[1] = eye.awayY(bounds[capacity + instance])
    away[2] = bounds[2 * capacity + instance] - eye.z
    const radius = bounds[3 * capacity + instance]
    middle[0] = along(eye.right, away[0], away[1], away[2])
    middle[1] = along(eye.down, away[0], away[1], away[2])
    middle[2] = along(eye.forward, away[0], away[1], away[2])
    if (!eye.meets(middle[0], middle[1], middle[2], radius)) return
    if (!this.turn(job, instance, tags[instance * tagWords + tagAt.mesh] >>> 24)) return
    this.look()
    const mesh = this.levelOf(job.meshes, tags[instance * tagWords + tagAt.mesh] & 0xffffff, radius)
    const first = job.meshes[mesh + meshAt.faceFirst]
    const end = first + job.meshes[mesh + meshAt.faceCount]
    for (let face = first; face < end; face++) this.drawFace(job, instance, face, job.meshes[mesh + meshAt.vertexFirst])
  }

  /** Reads the axes of an instance; turns those of a billboard. False where an upright one is straight above or below. */
  private turn({ bodies }: DrawJob, instance: number, mode: number): boolean {
    const { axes, inverse, light, eye } = this
    const at = instance * bodyWords
    if (mode === billboard.none) {
      for (let i = 0; i < 9; i++) {
        axes[i] = bodies[at + bodyAt.axes + i]
        inverse[i] = bodies[at + bodyAt.inverse + i]
      }
      for (let i = 0; i < 3; i++) light[i] = bodies[at + bodyAt.light + i]
      return true
    }
    if (mode === billboard.facing) {
      this.turnAxis(bodies, at, 0, eye.right)
      this.turnAxis(bodies, at, 1, eye.forward)
      this.turnAxis(bodies, at, 2, [-eye.down[0], -eye.down[1], -eye.down[2]])
      return true
    }
    const [x, y] = this.away
    const distance = Math.sqrt(x * x + y * y)
    if (!(distance > 0)) return false
    this.turnAxis(bodies, at, 0, [y / distance, -(x / distance), 0])
    this.turnAxis(bodies, at, 1, [x / distance, y / distance, 0])
    this.turnAxis(bodies, at, 2, [0, 0, 1])
    return true
  }

  /** Lays an axis of a billboard along a unit vector. */
  private turnAxis(bodies: Float32Array, at: number, axis: number, [x, y, z]: Iterable<number> & ArrayLike<number>): void {
    const scale = bodies[at + bodyAt.axes + 4 * axis]
    const inverse = bodies[at + bodyAt.inverse + 4 * axis]
    this.axes[3 * axis] = x * scale
    this.axes[3 * axis + 1] = y * scale
    this.axes[3 * axis + 2] = z * scale
    this.inverse[3 * axis] = x * inverse
    this.inverse[3 * axis + 1] = y * inverse
    this.inverse[3 * axis + 2] = z * inverse
    this.light[axis] = x * bodies[at + bodyAt.light] + y * bodies[at + bodyAt.light + 1] + z * bodies[at + bodyAt.light + 2]
  }

  /** The object's axes as the eye sees them, and the eye's as the object does. */
  private look(): void {
    const { axes, inverse, seen, eye, away } = this
    for (let axis = 0; axis < 3; axis++) {
      const [x, y, z] = [axes[3 * axis], axes[3 * axis + 1], axes[3 * axis + 2]]
      seen[3 * axis] = along(eye.right, x, y, z)
      seen[3 * axis + 1] = along(eye.down, x, y, z)
      seen[3 * axis + 2] = along(eye.forward, x, y, z)
      const [a, b, c] = [inverse[3 * axis], inverse[3 * axis + 1], inverse[3 * axis + 2]]
      this.place[axis] = -(a * away[0] + b * away[1] + c * away[2])
      this.right[axis] = along(eye.right, a, b, c)
      this.down[axis] = along(eye.down, a, b, c)
      this.forward[axis] = along(eye.forward, a, b, c)
    }
  }

  /** Where in the table the mesh lies that is as fine as the picture can show. */
  private levelOf(meshes: Uint32Array, mesh: number, radius: number): number {
    const depth = this.middle[2] > this.eye.near ? this.middle[2] : this.eye.near
    const pixels = (2 * radius * this.eye.focal) / depth
    let at = mesh * meshWords
    while (meshes[at + meshAt.coarser] !== none && pixels < meshes[at + meshAt.coarserBelow]) at = meshes[at + meshAt.coarser] * meshWords
    return at
  }

  private drawFace(job: DrawJob, instance: number, face: number, vertexFirst: number): void {
    const { planes, faces, vertices, tags, numbers } = job
    const { plane, polygon } = this
    const [nx, ny, nz] = [planes[face * planeWords], planes[face * planeWords + 1], planes[face * planeWords + 2]]
    const before = planes[face * planeWords + 3] - along(this.place, nx, ny, nz)
    if (!(before < 0)) return
    const inverse = 1 / before
    plane.perColumn = along(this.right, nx, ny, nz) * inverse * this.eye.inverseFocal
    plane.perLine = along(this.down, nx, ny, nz) * inverse * this.eye.inverseFocal
    plane.middle = along(this.forward, nx, ny, nz) * inverse
    const cosine = along(this.light, nx, ny, nz)
    const light = numbers[numberAt.ambient] + numbers[numberAt.strength] * (cosine > 0 ? cosine : 0)
    const own = faces[face * faceWords + 4]
    const colour = own === none ? tags[instance * tagWords + tagAt.colour] : own
    plane.slot = this.slots.add(lit(colour, light), tags[instance * tagWords + tagAt.segmentation])
    polygon.count = faces[face * faceWords + 3] === none ? 3 : 4
    for (let corner = 0; corner < polygon.count; corner++) this.putCorner(vertices, 3 * (vertexFirst + faces[face * faceWords + corner]), corner)
    polygon.draw(plane)
  }

  private putCorner(vertices: Float32Array, at: number, corner: number): void {
    const { middle, seen, polygon } = this
    const [x, y, z] = [vertices[at], vertices[at + 1], vertices[at + 2]]
    polygon.x[corner] = middle[0] + seen[0] * x + seen[3] * y + seen[6] * z
    polygon.y[corner] = middle[1] + seen[1] * x + seen[4] * y + seen[7] * z
    polygon.z[corner] = middle[2] + seen[2] * x + seen[5] * y + seen[8] * z
  }
}
