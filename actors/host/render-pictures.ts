import { Stills, type Camera, type FreeCamera, type Picture, type Scene } from '../../compositor/index.ts'
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

/** A recorded run, as its cameras saw it. */
export interface RecordedPictures {
  /** The first and the last step it has. */
  readonly first: number
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

/** Pixels of what a free camera sees, unless a picture is asked for larger or smaller. */
const freeSize = { width: 640, height: 360 } as const
/** Most samples along an edge of a pixel: the largest picture of them is as large as can be drawn. */
const samplesMost = 4

/** The state of a recorded run, drawn anew as its scene says. */
class RecordedScene implements RecordedPictures {
  readonly kinds: readonly KindType[]
  readonly cameras: readonly string[]
  readonly first: number
  readonly steps: number
  readonly stepMillis: number
  private readonly run: LoadedRun
  private readonly replica: Replica
  private readonly scene: Scene
  private shown: { readonly state: SharedState; readonly stills: Stills; step: number } | undefined

  constructor(run: LoadedRun) {
    const { recording, definition, config } = run
    const scene = definition.scene?.(config as never, recording.manifest.seed) ?? { visuals: [], cameras: [] }
    this.run = run
    this.scene = scene
    this.replica = new Replica(run, hostKernels())
    this.first = recording.first
    this.steps = recording.steps
    this.stepMillis = recording.manifest.stepMillis
    this.kinds = scene.cameras.map(({ kind }) => kind)
    this.cameras = (scene.freeCameras ?? []).map(({ name }) => name)
  }

  sizeOf(view: PictureView): Pick<PictureSize, 'width' | 'height'> {
    return 'camera' in view ? freeSize : this.cameraOf(view.kind)
  }

  async pictureOf(step: number, view: PictureView, size: PictureSize, watch: Pick<ReplayOptions, 'signal' | 'onProgress'>): Promise<RenderedPicture | undefined> {
    const { replica, run } = this
    if (size.samples > samplesMost) throw new MetabonkError({ code: 'usage', what: `${size.samples} x ${size.samples} samples a pixel can't be drawn`, where: run.path, todo: `give at most ${samplesMost}` })
    if (replica.step !== step || this.shown?.step !== step) await travelTo(replica, step, watch)
    const stills = this.stillsAt(step)
    if ('camera' in view) return stills.ofFree(this.freeOf(view.camera), size)
    const camera = this.cameraOf(view.kind)
    const isAlive = replica.state.tables.find(({ kind }) => kind.name === view.kind)?.isAlive(view.row) === true
    return isAlive ? stills.ofAgent(camera, view.row, size) : undefined
  }

  close(): void {
    this.run.recording.source.close?.()
  }

  /** What is drawn of a step, gathered once. */
  private stillsAt(step: number): Stills {
    const { state } = this.replica
    if (this.shown?.state !== state) {
      const world = stageWorld(state, { name: 'still', kind: state.program.kinds[0] })
      this.shown = { state, stills: new Stills(this.scene, world, state.kernels), step: -1 }
    }
    if (this.shown.step !== step) this.shown.stills.gather()
    this.shown.step = step
    return this.shown.stills
  }

  private cameraOf(kind: string): Camera {
    const found = this.scene.cameras.find((each) => each.kind.name === kind)
    if (found !== undefined) return found
    throw new MetabonkError({ code: 'usage', what: `no camera sees for ${kind}`, where: this.run.path, todo: 'name an agent with a camera: --agent kind:row' })
  }

  private freeOf(name: string): FreeCamera {
    const found = this.scene.freeCameras?.find((each) => each.name === name)
    if (found !== undefined) return found
    throw new MetabonkError({ code: 'usage', what: `there is no free camera '${name}'`, where: this.run.path, todo: this.cameras.length === 0 ? 'name an agent with a camera: --agent kind:row' : `choose from ${this.cameras.join(', ')}` })
  }
}

/** Opens a recording for its pictures. Throws as `openRecording` does. */
export async function openPictures(path: string, options: Pick<ReplayOptions, 'world'> = {}): Promise<RecordedPictures> {
  return new RecordedScene(await openRun(path, options))
}
