/** Pictures for people: any camera of a scene, drawn at any size from a state that stands still. */
import { assert, MetabonkError, type DrawViews, type StagePort, type StepWorld } from '../runtime/index.ts'
import { addFreeView, AgentViews, Views } from './cameras.ts'
import { edgeMax, numberAt } from './draw/layout.ts'
import { createTwin } from './draw/twin.ts'
import { SceneJobs, type Canvases } from './draw-job.ts'
import { DrawList } from './draw-list.ts'
import { reduced } from './picture/picture.ts'
import type { Camera, FreeCamera, Scene } from './scene.ts'

/** Size of a picture, and how many samples along either edge of a pixel are averaged: 1, or more against jagged edges. */
export interface StudioSize {
  readonly width: number
  readonly height: number
  readonly samples: number
}

/** A picture with all that was seen. Depth and segmentation are those of the middle sample of each pixel. */
export interface StudioPicture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  /** Metres of depth; Infinity where there is nothing. */
  readonly depth: Float32Array
  /** What is seen, as the scene numbers it; 0 where there is nothing. */
  readonly segmentation: Uint16Array
}

function canvasesOf(width: number, height: number): Canvases {
  const pixels = width * height
  return {
    width,
    height,
    rgb: new Uint8Array(3 * pixels),
    grey: new Uint8Array(0),
    depth: new Float32Array(pixels),
    depthMillis: new Uint16Array(0),
    segmentation: new Uint16Array(pixels),
  }
}

/** Every so-manieth element along both edges, from the middle of the first block on. */
function middles<T extends Float32Array | Uint16Array>(from: T, into: T, { width, height, samples }: StudioSize): T {
  const middle = samples >> 1
  for (let line = 0; line < height; line++) {
    for (let column = 0; column < width; column++) into[line * width + column] = from[(line * samples + middle) * width * samples + column * samples + middle]
  }
  return into
}

function checkSize({ width, height, samples }: StudioSize): void {
  const isEdge = (edge: number): boolean => Number.isInteger(edge) && edge >= 1 && edge * samples <= edgeMax
  if (Number.isInteger(samples) && samples >= 1 && isEdge(width) && isEdge(height)) return
  throw new MetabonkError({
    code: 'usage',
    what: `a picture of ${width}x${height} pixels with ${samples} x ${samples} samples each can't be drawn`,
    todo: `give whole numbers of pixels, and at most ${edgeMax} samples along an edge`,
  })
}

export class Studio {
  private readonly world: StepWorld
  private readonly draw: DrawViews
  private readonly list: DrawList
  private readonly jobs: SceneJobs
  private readonly views = new Views(1)

  /** For a scene that can be drawn in its world's space, over the live rows of a state. */
  constructor(scene: Scene, { world, kernels }: Pick<StagePort, 'world' | 'kernels'>) {
    this.world = world
    this.draw = kernels.drawViews ?? createTwin()
    this.list = new DrawList(scene, world)
    this.jobs = new SceneJobs(scene, world.space, this.list)
  }

  /** What a live agent's camera sees now. Throws `usage` for a size that can't be drawn, `world-invalid` for an agent that is nowhere. */
  pictureOfAgent(camera: Camera, row: number, size: StudioSize): StudioPicture {
    checkSize(size)
    const eyes = new AgentViews(camera, size.height * size.samples, this.list, this.world.others(camera.kind))
    this.list.gather()
    this.views.count = 0
    eyes.add(this.views, row, 0)
    return this.develop(camera, size)
  }

  /** What a free camera sees now. Throws `usage` for a size that can't be drawn. */
  pictureOf(camera: FreeCamera, size: StudioSize): StudioPicture {
    checkSize(size)
    this.list.gather()
    this.views.count = 0
    addFreeView(this.views, camera, this.list.land, size.height * size.samples)
    return this.develop(camera, size)
  }

  private develop(camera: Camera | FreeCamera, size: StudioSize): StudioPicture {
    const { width, height, samples } = size
    const canvases = canvasesOf(width * samples, height * samples)
    const segmentation = 'segmentation' in camera ? (camera.segmentation ?? 'kind') : 'kind'
    const job = this.jobs.job(canvases, this.views.words, { segmentation, clear: camera.clear ?? false })
    job.numbers[numberAt.instances] = this.list.instances.count
    assert(this.views.count === 1, 'one picture is drawn at a time')
    this.draw(job, 1)
    if (samples === 1) return canvases
    const pixels = width * height
    return {
      width,
      height,
      rgb: reduced(canvases, samples).rgb,
      depth: middles(canvases.depth, new Float32Array(pixels), size),
      segmentation: middles(canvases.segmentation, new Uint16Array(pixels), size),
    }
  }
}
