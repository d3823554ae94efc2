import { Studio, type Camera, type FreeCamera, type Picture, type Scene } from '../../compositor/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import { MetabonkError, stageWorld, type KindType, type SharedState } from '../../runtime/index.ts'
import { Replica } from '../travel/replica.ts'
import { openRun, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { travelTo } from './travel-to.ts'

/** Who sees: the camera of an agent, or a free one by its name. */
export type PictureView = { readonly kind: string; readonly row: number } | { readonly camera: string }

/** How large a picture shall be, and how many samples along either edge of a pixel are averaged: 1, or more against jagged edges. */
export interface PictureSize {
  readonly width: number
  readonly height: number
  readonly samples: number
}

/** All that a camera saw. The arrays are valid until the next picture is asked for. */
export interface RenderedPicture extends Picture {
  /** Metres to what is seen; Infinity where there is nothing. */
  readonly depth: Float32Array
  /** What is seen, as the scene numbers it; 0 where there is nothing. */
  readonly segmentation: Uint16Array
}

/** Pixels of a free camera's picture, where nobody says. */
const freeSize = { width: 640, height: 360 } as const

/** A recorded run, as its cameras saw it. */
export interface RecordedPictures {
  /** The last step it has. */
  readonly steps: number
  /** Milliseconds that a step stands for; 0 where the world does not say. */
  readonly stepMillis: number
  /** Kinds whose agents have a camera. */
  readonly kinds: readonly KindType[]
  /** Names of the free cameras. */
  readonly cameras: readonly string[]
  /** The size that the world gave a camera. */
  sizeOf(view: PictureView): Pick<PictureSize, 'width' | 'height'>
  /**
   * What a camera saw at a step; undefined when its agent did not live then. Throws `usage` for a step that was not recorded and a size that can't be
   * drawn, and what replaying throws.
   */
  pictureOf(step: number, view: PictureView, size: PictureSize, watch: Pick<ReplayOptions, 'signal' | 'onProgress'>): Promise<RenderedPicture | undefined>
  /** Closes the recording. */
  close(): void
}

/** A studio set up over the state of a replica. */
interface Setup {
  readonly state: SharedState
  readonly studio: Studio
}

/** Draws anew what the cameras of a recorded world see, step by step. */
class RedrawnPictures implements RecordedPictures {
  readonly kinds: readonly KindType[]
  readonly cameras: readonly string[]
  readonly steps: number
  readonly stepMillis: number
  private readonly run: LoadedRun
  private readonly replica: Replica
  private readonly scene: Scene
  private setup: Setup | undefined

  constructor(run: LoadedRun, scene: Scene) {
    this.run = run
    this.scene = scene
    this.replica = new Replica(run, hostKernels(), { cacheBytes: 0 })
    this.steps = run.recording.steps
    this.stepMillis = run.recording.manifest.stepMillis
    this.kinds = scene.cameras.map(({ kind }) => kind)
    this.cameras = (scene.freeCameras ?? []).map(({ name }) => name)
  }

  sizeOf(view: PictureView): Pick<PictureSize, 'width' | 'height'> {
    return 'camera' in view ? freeSize : this.cameraOf(view.kind)
  }

  async pictureOf(step: number, view: PictureView, size: PictureSize, watch: Pick<ReplayOptions, 'signal' | 'onProgress'>): Promise<RenderedPicture | undefined> {
    const camera = 'camera' in view ? this.freeCamera(view.camera) : this.cameraOf(view.kind)
    await travelTo(this.replica, step, watch)
    const { state } = this.replica
    const studio = this.studioOver(state)
    if (!('kind' in camera)) return studio.pictureOf(camera, size)
    const row = 'row' in view ? view.row : 0
    const isAlive = state.tables.find((table) => table.kind.name === camera.kind.name)?.isAlive(row) === true
    return isAlive ? studio.pictureOfAgent(camera, row, size) : undefined
  }

  close(): void {
    this.run.recording.source.close?.()
  }

  /** The replica may put another state in the place of the one it had. */
  private studioOver(state: SharedState): Studio {
    if (this.setup?.state !== state) {
      const world = stageWorld(state, { name: 'render', kind: state.tables[0].kind })
      this.setup = { state, studio: new Studio(this.scene, { world, kernels: state.kernels }) }
    }
    return this.setup.studio
  }

  private cameraOf(kind: string): Camera {
    const found = this.scene.cameras.find((camera) => camera.kind.name === kind)
    if (found !== undefined) return found
    throw new MetabonkError({ code: 'usage', what: `no camera sees for ${kind}`, where: this.run.path, todo: `name an agent with a camera: ${this.kinds.map(({ name }) => `${name}:0`).join(', ')}` })
  }

  private freeCamera(name: string): FreeCamera {
    const found = this.scene.freeCameras?.find((camera) => camera.name === name)
    if (found !== undefined) return found
    const there = this.cameras.length === 0 ? 'there is none; give --agent' : `there is ${this.cameras.join(', ')}`
    throw new MetabonkError({ code: 'usage', what: `there is no free camera '${name}'`, where: this.run.path, todo: there })
  }
}

/** Opens a recording for its pictures. Throws as `openRecording` does, and `usage` where its world has no scene. */
export async function openPictures(path: string, options: Pick<ReplayOptions, 'world'> = {}): Promise<RecordedPictures> {
  const run = await openRun(path, options)
  const scene = run.definition.scene?.(run.config as never, run.recording.manifest.seed)
  if (scene !== undefined) return new RedrawnPictures(run, scene)
  run.recording.source.close?.()
  throw new MetabonkError({ code: 'usage', what: `the world ${run.definition.name} has no scene: there is nothing to see`, where: path, todo: 'give the world a scene' })
}
