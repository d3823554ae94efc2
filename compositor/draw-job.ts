import type { DrawJob, WorldSpace } from '../runtime/index.ts'
import { numberAt, numberCount } from './draw/layout.ts'
import { groundInstance, packed, type DrawList } from './draw-list.ts'
import { defaultLight, type Rgb, type Scene } from './scene.ts'
import { compileTerrain, type CompiledTerrain } from './terrain.ts'

/** The ground is refined until what it leaves out is smaller than this, in pixels. */
const groundPixels = 1

const black: Rgb = [0, 0, 0]
const flat: CompiledTerrain = { tile: 0, details: new Float32Array(0), texels: new Uint32Array(0), texelKinds: new Uint16Array(0) }

/** Where pictures go: an empty array for a channel that is not asked for. */
export interface Canvases extends Pick<DrawJob, 'rgb' | 'grey' | 'depth' | 'depthMillis' | 'segmentation'> {
  readonly width: number
  readonly height: number
}

/** How views of a job see: what they tell apart, and whether through the fog. */
export interface Sight {
  readonly segmentation: 'kind' | 'instance'
  readonly clear: boolean
}

/** What is the same for all pictures of a scene in one thread. */
export class SceneJobs {
  private readonly scene: Scene
  private readonly space: WorldSpace
  private readonly list: DrawList
  private readonly ground: CompiledTerrain
  private singleGround: Uint16Array | undefined

  /** For a scene that `checkScene` has passed. */
  constructor(scene: Scene, space: WorldSpace, list: DrawList) {
    this.scene = scene
    this.space = space
    this.list = list
    this.ground = scene.terrain === undefined ? flat : compileTerrain(scene.terrain, { wraps: space.wraps, light: scene.light ?? defaultLight })
  }

  /** A job for these canvases: what the list gathers, as some views see it. */
  job(canvases: Canvases, views: Float64Array, { segmentation, clear }: Sight): DrawJob {
    const { list, ground } = this
    const { meshes, vertices, corners, planes } = list.meshes
    const { bounds, bodies, tags, singled } = list.instances
    const { rgb, grey, depth, depthMillis, segmentation: segments } = canvases
    const texelKinds = segmentation === 'kind' ? ground.texelKinds : this.groundAsOne()
    const numbers = this.numbers(canvases, clear)
    const instances = segmentation === 'kind' ? tags : singled
    const { details, texels } = ground
    return { numbers, meshes, vertices, faces: corners, planes, bounds, bodies, tags: instances, details, texels, texelKinds, views, rgb, grey, depth, depthMillis, segmentation: segments }
  }

  private groundAsOne(): Uint16Array {
    this.singleGround ??= new Uint16Array(this.ground.texelKinds.length).fill(groundInstance)
    return this.singleGround
  }

  private numbers({ width, height }: Canvases, clear: boolean): Float64Array {
    const { scene, space, list, ground } = this
    const numbers = new Float64Array(numberCount)
    const { ambient, strength } = scene.light ?? defaultLight
    const { horizon, zenith } = scene.sky ?? { horizon: black, zenith: black }
    const { columns, lines, cell } = scene.terrain ?? { columns: 0, lines: 0, cell: 1 }
    numbers[numberAt.width] = width
    numbers[numberAt.height] = height
    numbers[numberAt.capacity] = list.instances.capacity
    numbers[numberAt.spaceWidth] = space.width
    numbers[numberAt.spaceHeight] = space.height
    numbers[numberAt.wraps] = space.wraps ? 1 : 0
    numbers[numberAt.ambient] = ambient
    numbers[numberAt.strength] = strength
    if (scene.fog !== undefined && !clear) {
      numbers[numberAt.fogFrom] = scene.fog.from
      numbers[numberAt.fogScale] = 1 / (scene.fog.to - scene.fog.from)
      numbers[numberAt.fogColour] = packed(scene.fog.colour)
    }
    numbers[numberAt.horizon] = packed(horizon)
    numbers[numberAt.zenith] = packed(zenith)
    numbers[numberAt.columns] = columns
    numbers[numberAt.lines] = lines
    numbers[numberAt.cell] = cell
    numbers[numberAt.tile] = ground.tile
    numbers[numberAt.pixelError] = groundPixels
    numbers[numberAt.meshes] = list.meshes.radii.length
    return numbers
  }
}
