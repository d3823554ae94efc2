import { math, MetabonkError, type Others } from '../runtime/index.ts'
import { viewAt, viewWords } from './draw/layout.ts'
import type { DrawList } from './draw-list.ts'
import { Places, type Land } from './place.ts'
import type { Camera, FreeCamera, Lens, Viewpoint } from './scene.ts'
import { Turn } from './turn.ts'

/** A camera behind its agent stays so many times its near distance above the ground. */
const clearance = 2

/** Writes views, one after the other, for pictures of so many lines. */
export class Views {
  readonly words: Float64Array
  count = 0
  private readonly turn = new Turn()

  constructor(capacity: number) {
    this.words = new Float64Array(capacity * viewWords)
  }

  /** Adds an eye at (x, y, z), looking along the turn. */
  add(x: number, y: number, z: number): void {
    const at = this.count * viewWords
    const { words } = this
    words[at + viewAt.eye] = x
    words[at + viewAt.eye + 1] = y
    words[at + viewAt.eye + 2] = z
    this.count++
  }

  /** Turns the last view: what is forward, left and up of it. */
  aim(yaw: number, pitch: number): void {
    const { words, turn } = this
    turn.to(yaw, pitch, 0)
    const { axes } = turn
    const at = (this.count - 1) * viewWords
    for (let i = 0; i < 3; i++) {
      words[at + viewAt.forward + i] = axes[i]
      words[at + viewAt.right + i] = -axes[3 + i]
      words[at + viewAt.down + i] = -axes[6 + i]
    }
  }

  /** Turns the last view straight down, north at the top of its picture. */
  aimDown(): void {
    const { words } = this
    const at = (this.count - 1) * viewWords
    words.fill(0, at + viewAt.right, at + viewAt.focal)
    words[at + viewAt.right] = 1
    words[at + viewAt.down + 1] = -1
    words[at + viewAt.forward + 2] = -1
  }

  /** Completes the last view: how it sees, where its frame goes, and which instance it does not see. */
  finish({ near, far }: Pick<Lens, 'near' | 'far'>, focal: number, frame: number, unseen: number): void {
    const { words } = this
    const at = (this.count - 1) * viewWords
    words[at + viewAt.focal] = focal
    words[at + viewAt.near] = near
    words[at + viewAt.far] = far
    words[at + viewAt.frame] = frame
    words[at + viewAt.unseen] = unseen
  }
}

/** Pixels of focal length: what is as far away as it is high covers so many lines. */
function focalOf({ fieldOfView }: Lens, height: number): number {
  return height / 2 / math.tan((fieldOfView / 360) * Math.PI)
}

/** The cameras of a kind's agents in one thread. */
export class AgentViews {
  private readonly camera: Camera
  private readonly focal: number
  private readonly land: Land
  private readonly places: Places
  private readonly unseen: Int32Array | undefined

  /** For pictures of so many lines. */
  constructor(camera: Camera, height: number, list: DrawList, others: Others) {
    this.camera = camera
    this.focal = focalOf(camera, height)
    this.land = list.land
    this.places = new Places(camera.kind, camera.at ?? 'at', others, list.land)
    this.unseen = camera.view.from === 'eyes' ? list.instancesOf(camera.kind) : undefined
  }

  /** Adds what a live row sees. Throws `world-invalid` when it is nowhere, or looks nowhere. */
  add(views: Views, row: number, frame: number): void {
    const { camera, places, unseen } = this
    places.read(row)
    const { view } = camera
    if (view.from === 'above') {
      views.add(places.x, places.y, places.z + view.altitude)
      views.aimDown()
    } else this.look(views, view, this.yawOf(row))
    views.finish(camera, this.focal, frame, unseen === undefined ? -1 : unseen[row])
  }

  private look(views: Views, view: Exclude<Viewpoint, { readonly from: 'above' }>, yaw: number): void {
    const { places, land, camera } = this
    if (view.from === 'eyes') views.add(places.x, places.y, places.z + view.height)
    else {
      const x = land.placeX(places.x - view.distance * math.cos(yaw))
      const y = land.placeY(places.y - view.distance * math.sin(yaw))
      views.add(x, y, Math.max(places.z + view.height, land.heightAt(x, y) + clearance * camera.near))
    }
    views.aim(yaw, view.pitch ?? 0)
  }

  private yawOf(row: number): number {
    const { yaw = 0, kind } = this.camera
    if (typeof yaw !== 'function') return yaw
    const value = yaw(this.places.others.columns, row)
    if (value - value === 0) return value
    throw new MetabonkError({ code: 'world-invalid', what: `the camera of ${kind.name} ${row} can't look along ${value}`, where: 'scene', todo: 'return a finite number of radians' })
  }
}

/** Adds what a free camera sees, in a picture of so many lines. */
export function addFreeView(views: Views, free: FreeCamera, land: Land, lines: number): void {
  views.add(land.placeX(free.at[0]), land.placeY(free.at[1]), free.at[2])
  views.aim(free.yaw, free.pitch)
  views.finish(free, focalOf(free, lines), 0, -1)
}
