import { addressOf, assert, MetabonkError, type Grid, type KindType, type Others, type ReadColumn, type Stage, type StagePort } from '../runtime/index.ts'
import { Frames } from './frames.ts'
import { Raster, type Disc } from './raster.ts'
import type { Camera, Rgb, Scene, Sprite } from './scene.ts'

/** The live agents of a sprite's kind. */
interface Crowd {
  readonly sprite: Sprite
  readonly others: Others
  readonly at: ReadColumn
  /** Place of the kind in the world: part of its agents' ranks. */
  readonly kindIndex: number
  /** Radius as drawn: a disc that reaches the corners of a pixel always covers the centre of one. */
  readonly radius: number
  /** Neighbour grid of the kind and the rows it finds, where the kind has one. */
  readonly grid: Grid | undefined
  readonly found: Uint32Array
}

function openCrowd(sprite: Sprite, port: StagePort, pitch: number): Crowd {
  const { kind } = sprite
  const others = port.world.others(kind)
  const grid = kind.cell === undefined ? undefined : port.world.grid(kind)
  return {
    sprite,
    others,
    at: others.columns['at'],
    kindIndex: port.tables.findIndex((table) => table.kind.name === kind.name),
    radius: Math.max(sprite.radius, pitch * Math.SQRT1_2),
    grid,
    found: new Uint32Array(grid === undefined ? 0 : kind.rowsMax),
  }
}

/** A grid search this much wider than the view's corners finds all that touches it, rounding included. */
const cornerReach = 1.4143

/** Draws the views of one camera's agents, in one thread. */
class Painter {
  private readonly raster: Raster
  private readonly frames: Frames
  private readonly camera: Camera
  private readonly crowds: readonly Crowd[]
  private readonly disc: Disc = { x: 0, y: 0, radius: 0, depth: 0, rank: 0, red: 0, green: 0, blue: 0, segmentation: 0 }
  private centreX = 0
  private centreY = 0

  constructor(scene: Scene, camera: Camera, port: StagePort) {
    this.camera = camera
    this.frames = new Frames(port.slab, camera.kind)
    this.raster = new Raster({ camera, ground: scene.ground, space: port.world.space, frames: this.frames })
    this.crowds = scene.sprites.map((sprite) => openCrowd(sprite, port, this.raster.pitch))
  }

  /** Draws what an agent at (x, y) sees. Throws `world-invalid` when that is nowhere. */
  paint(row: number, step: number, x: number, y: number): void {
    const { raster, frames } = this
    if (!raster.holds(x, y)) throw lost(this.camera.kind, row, `(${x}, ${y})`)
    this.centreX = raster.axisX.place(x)
    this.centreY = raster.axisY.place(y)
    raster.drawGround(frames.open(row), this.centreX, this.centreY)
    for (const crowd of this.crowds) this.paintCrowd(crowd)
    frames.stamp(row, step)
  }

  private paintCrowd(crowd: Crowd): void {
    const { grid, others, found } = crowd
    if (grid !== undefined) {
      const count = grid.near(this.centreX, this.centreY, this.camera.radius * cornerReach + crowd.radius, found)
      for (let i = 0; i < count; i++) this.paintAgent(crowd, found[i])
      return
    }
    for (let row = 0; row < others.rows; row++) if (others.alive[row] === 1) this.paintAgent(crowd, row)
  }

  /** Draws an agent wherever the view shows it: on a torus that may be more than once. */
  private paintAgent(crowd: Crowd, row: number): void {
    const { disc, raster } = this
    const { axisX, axisY } = raster
    const x = crowd.at[2 * row]
    const y = crowd.at[2 * row + 1]
    if (!raster.holds(x, y)) return
    const reach = this.camera.radius + crowd.radius
    const firstX = axisX.firstImage(x, this.centreX, reach)
    const firstY = axisY.firstImage(y, this.centreY, reach)
    if (firstX > reach || firstY > reach) return
    this.look(crowd, row)
    raster.raise(disc, crowd.at, row, crowd.sprite)
    for (disc.y = firstY; disc.y <= reach; disc.y += axisY.period) {
      for (disc.x = firstX; disc.x <= reach; disc.x += axisX.period) raster.drawDisc(disc)
    }
  }

  private look({ sprite, others, kindIndex, radius }: Crowd, row: number): void {
    const { disc } = this
    const { colour } = sprite
    disc.radius = radius
    disc.rank = addressOf(kindIndex, row)
    disc.segmentation = sprite.segmentation
    if (typeof colour === 'function') this.dye(sprite.kind, row, colour(others.columns, row))
    else this.dyeRgb(colour)
  }

  private dyeRgb(colour: Rgb): void {
    this.disc.red = colour[0]
    this.disc.green = colour[1]
    this.disc.blue = colour[2]
  }

  private dye(kind: KindType, row: number, packed: number): void {
    if (!(Number.isInteger(packed) && packed >= 0 && packed <= 0xffffff)) {
      throw new MetabonkError({ code: 'world-invalid', what: `the colour of ${kind.name} ${row} can't be ${packed}`, where: 'scene', todo: 'return red x 65536 + green x 256 + blue' })
    }
    this.disc.red = packed >>> 16
    this.disc.green = (packed >>> 8) & 255
    this.disc.blue = packed & 255
  }
}

/**
 * The stage that draws what each live agent of the camera's kind sees, straight down from above itself, into the regions of
 * `frameRegions`. Black, Infinity and 0 are what lies outside the space. On a torus the view goes round.
 *
 * A pixel shows what covers its centre and is nearest; of what is equally near, an agent before the ground, then the kind that comes first by
 * name, then the lower row. Throws `world-invalid`, with kind and row, for an agent that is nowhere.
 */
export function renderStage(scene: Scene, camera: Camera): Stage {
  const { kind } = camera
  return {
    name: 'render',
    kind,
    writes: [],
    bind: (port) => {
      const painter = new Painter(scene, camera, port)
      const table = port.tables.find((each) => each.kind.name === kind.name)
      assert(table !== undefined, 'a kind with a camera has a table')
      const at = table.column('at').live
      return (begin, end) => {
        for (let row = begin; row < end; row++) {
          if (table.alive[row] === 1) painter.paint(row, port.world.step, at[2 * row], at[2 * row + 1])
        }
      }
    },
  }
}

function lost(kind: KindType, row: number, place: string): MetabonkError {
  return new MetabonkError({ code: 'world-invalid', what: `the camera of ${kind.name} ${row} can't be at ${place}`, where: 'column at', todo: 'check what moves the agent' })
}
