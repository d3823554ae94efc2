import { Stills, type Camera, type DepthRange, type Footprints, type FreeCamera, type Picture, type Scene, type Still, type StillChannel, type StillLook, type StillSize } from '../../compositor/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import { MetabonkError, stageWorld, type KindType, type SharedState } from '../../runtime/index.ts'
import { sceneOf } from '../world/world-scene.ts'
import { Replica } from '../travel/replica.ts'
import { openRun, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { travelTo } from './travel-to.ts'

/** Who sees: the camera of an agent, or a free one by its name. */
export type PictureView = { readonly kind: string; readonly row: number } | { readonly camera: string }

/** How large a picture shall be, and how many samples along either edge of a pixel are averaged: 1, or more against jagged edges. */
export type PictureSize = StillSize

/** What a camera saw. */
export interface RenderedPicture extends Picture {
  /** Metres to what is seen; Infinity where there is nothing. */
  readonly depth: Float32Array
  /** What is seen, as the scene numbers it; 0 where there is nothing. */
  readonly segmentation: Uint16Array
}

/** How a picture for people is to look. */
export interface PictureLook extends PictureSize, StillLook {
  /** What the colours of depths reach from and to; only depths need it. */
  readonly depthRange?: DepthRange | undefined
  /** Steps that paths reach back; only paths need it. */
  readonly trail: number
}

/** A picture for people, without and with what is drawn over it. */
export type ShownPicture = ReturnType<Still['shown']>

type Travel = Pick<ReplayOptions, 'signal' | 'onProgress'>

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
   * What a camera saw at a step; undefined when its agent did not live then. Only the channels that are asked for are drawn (default: all), the others are
   * empty. Throws `usage` for a step that was not recorded and a size that can't be drawn, and what replaying throws.
   */
  pictureOf(step: number, view: PictureView, size: PictureSize & { readonly channels?: readonly StillChannel[] }, watch: Travel): Promise<RenderedPicture | undefined>
  /** The same in colours for people, with boxes, names, paths or a map over it. Throws likewise. */
  shownOf(step: number, view: PictureView, look: PictureLook, watch: Travel): Promise<ShownPicture | undefined>
  /** Closes the recording. */
  close(): void
}

/** Pixels of what a free camera sees, unless a picture is asked for larger or smaller. */
const freeSize = { width: 640, height: 360 } as const
/** Most samples along an edge of a pixel: the largest picture of them is as large as can be drawn. */
const samplesMost = 4

const notAsked = { rgb: new Uint8Array(0), depth: new Float32Array(0), segmentation: new Uint16Array(0) } as const

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
  /** Where everybody was up to a step, the oldest first. */
  private readonly trail: Footprints[] = []
  private trailStep = -1
  private shown: { readonly state: SharedState; readonly stills: Stills; step: number } | undefined

  constructor(run: LoadedRun) {
    const { recording, definition, config } = run
    // First: it checks the scene.
    this.replica = new Replica(run, hostKernels())
    const scene = sceneOf(definition, config, recording.manifest.seed) ?? { visuals: [], cameras: [] }
    this.run = run
    this.scene = scene
    this.first = recording.first
    this.steps = recording.steps
    this.stepMillis = recording.manifest.stepMillis
    this.kinds = scene.cameras.map(({ kind }) => kind)
    this.cameras = (scene.freeCameras ?? []).map(({ name }) => name)
  }

  sizeOf(view: PictureView): Pick<PictureSize, 'width' | 'height'> {
    return 'camera' in view ? freeSize : this.cameraOf(view.kind)
  }

  async pictureOf(step: number, view: PictureView, size: PictureSize & { readonly channels?: readonly StillChannel[] }, watch: Travel): Promise<RenderedPicture | undefined> {
    await this.goTo(step, watch)
    const still = this.stillOf(view, size)
    const { width, height, channels = ['rgb', 'depth', 'segmentation'] } = size
    return still && { width, height, ...notAsked, ...(still.channels(channels) as Partial<RenderedPicture>) }
  }

  async shownOf(step: number, view: PictureView, look: PictureLook, watch: Travel): Promise<ShownPicture | undefined> {
    if (look.overlays.includes('paths')) await this.followTo(step, look.trail, watch)
    await this.goTo(step, watch)
    return this.stillOf(view, look)?.shown(look, { trail: this.trail, ...(look.depthRange === undefined ? {} : { range: look.depthRange }) })
  }

  close(): void {
    this.run.recording.source.close?.()
  }

  private async goTo(step: number, watch: Travel): Promise<void> {
    const { replica } = this
    if (replica.step !== step || this.shown?.step !== step) await travelTo(replica, step, watch)
  }

  /** Notes where everybody was at the steps up to this one, so many back: those that are known already are not gone to again. */
  private async followTo(step: number, steps: number, watch: Travel): Promise<void> {
    const first = Math.max(this.run.recording.first, step - steps)
    const known = this.trail.length - 1
    const isOnTheWay = this.trailStep >= first - 1 && this.trailStep <= step && this.trailStep - known <= first
    if (!isOnTheWay) this.trail.length = 0
    for (let next = isOnTheWay ? this.trailStep + 1 : first; next <= step; next++) {
      await this.goTo(next, watch)
      this.trail.push(this.stillsAt(next).footprints())
      this.trailStep = next
    }
    this.trail.splice(0, this.trail.length - (step - first + 1))
  }

  /** What a view sees of the step that the replica is at. */
  private stillOf(view: PictureView, size: PictureSize): Still | undefined {
    const { replica, run } = this
    if (size.samples > samplesMost) throw new MetabonkError({ code: 'usage', what: `${size.samples} x ${size.samples} samples a pixel can't be drawn`, where: run.path, todo: `give at most ${samplesMost}` })
    const stills = this.stillsAt(replica.step)
    if ('camera' in view) return stills.ofFree(this.freeOf(view.camera), size)
    const camera = this.cameraOf(view.kind)
    const isAlive = replica.state.tables.find(({ kind }) => kind.name === view.kind)?.isAlive(view.row) === true
    return isAlive ? stills.ofAgent(camera, view.row, size) : undefined
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
