import type { DrawViews, Kernels, StepWorld } from '../runtime/index.ts'
import { addFreeView, AgentViews, Views } from './cameras.ts'
import { checkExtent } from './check-scene.ts'
import { SceneJobs, type Canvases } from './draw-job.ts'
import { numberAt } from './draw/layout.ts'
import { createTwin } from './draw/twin.ts'
import { DrawList } from './draw-list.ts'
import { reduced } from './picture/picture.ts'
import type { Camera, FreeCamera, Scene } from './scene.ts'

/** How large a picture is, and how many samples along either edge of a pixel its colours are the mean of. */
export interface StillSize {
  readonly width: number
  readonly height: number
  readonly samples: number
}

/** A picture for people. */
export interface Still {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  /** Metres of depth in the middle of each pixel; Infinity where there is nothing. */
  readonly depth: Float32Array
  /** What is seen there; 0 where there is nothing. */
  readonly segmentation: Uint16Array
}

/** Draws what anybody might see of a state, of any size, outside of its step: nothing of the run is written. */
export class Stills {
  private readonly list: DrawList
  private readonly jobs: SceneJobs
  private readonly draw: DrawViews
  private readonly world: Pick<StepWorld, 'space' | 'others'>
  private readonly views = new Views(1)

  /** For a scene that its program was made with. */
  constructor(scene: Scene, world: Pick<StepWorld, 'space' | 'others'>, kernels: Kernels) {
    this.world = world
    this.list = new DrawList(scene, world)
    this.jobs = new SceneJobs(scene, world.space, this.list)
    this.draw = kernels.drawViews ?? createTwin()
  }

  /** Gathers the state as it is now: what is drawn until the next time shows it. */
  gather(): void {
    this.list.gather()
  }

  /** What the camera of a live row sees. Throws `world-invalid` for a size that can't be. */
  ofAgent(camera: Camera, row: number, size: StillSize): Still {
    this.views.count = 0
    new AgentViews(camera, size.height * size.samples, this.list, this.world.others(camera.kind)).add(this.views, row, 0)
    return this.still(size, camera)
  }

  /** What a free camera sees. Throws `world-invalid` for a size that can't be. */
  ofFree(free: FreeCamera, size: StillSize): Still {
    this.views.count = 0
    addFreeView(this.views, free, this.list.land, size.height * size.samples)
    return this.still(size, free)
  }

  private still({ width, height, samples }: StillSize, { segmentation = 'kind', clear = false }: Partial<Pick<Camera, 'segmentation' | 'clear'>>): Still {
    checkExtent('a picture', { width, height })
    const canvases = canvasesOf(width * samples, height * samples)
    const job = this.jobs.job(canvases, this.views.words, { segmentation, clear })
    job.numbers[numberAt.instances] = this.list.instances.count
    this.draw(job, 1)
    if (samples === 1) return canvases
    const still = { ...reduced(canvases, samples), depth: new Float32Array(width * height), segmentation: new Uint16Array(width * height) }
    const middle = Math.floor(samples / 2)
    for (let pixel = 0; pixel < still.depth.length; pixel++) {
      const from = (Math.floor(pixel / width) * samples + middle) * canvases.width + (pixel % width) * samples + middle
      still.depth[pixel] = canvases.depth[from]
      still.segmentation[pixel] = canvases.segmentation[from]
    }
    return still
  }
}

function canvasesOf(width: number, height: number): Canvases {
  const pixels = width * height
  return { width, height, rgb: new Uint8Array(3 * pixels), grey: new Uint8Array(0), depth: new Float32Array(pixels), depthMillis: new Uint16Array(0), segmentation: new Uint16Array(pixels) }
}
