import { checkOptions, MetabonkError, type KindType, type WorldSpace } from '../runtime/index.ts'
import { lengthOf, type Vec3 } from './face.ts'
import { packMeshes } from './pack-meshes.ts'
import { metresMax } from './place.ts'
import { channels, type Camera, type FreeCamera, type Lens, type Rgb, type Scene, type Scenery, type Viewpoint, type Visual } from './scene.ts'
import { checkTerrain } from './terrain.ts'

/** Pixels a camera's picture may have: 1920 x 1080, so many frames of it, and none so small that nothing can be made out. */
const cameraLimits = { edgeMin: 16, widthMax: 1920, heightMax: 1080, slotsMax: 64, fieldOfViewMin: 1, fieldOfViewMax: 170 } as const
const segmentationMax = 65535
/** Metres along the edge of a space that can be drawn, at least. */
const spaceMin = 0.01
/** Nearest that a camera may see, in metres. */
const nearMin = 1e-3

function invalid(what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-invalid', what, where: 'scene', todo })
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high
}

function isMetres(value: number): boolean {
  return Math.abs(value) <= metresMax
}

function checkRgb(what: string, colour: Rgb): void {
  const parts: readonly number[] = colour
  if (parts.length === 3 && parts.every((value) => isWhole(value, 0, 255))) return
  throw invalid(`${what} can't have the colour [${colour.join(', ')}]`, 'give three integers from 0 to 255')
}

function checkSize(what: string, size: Visual['size']): void {
  const sizes = typeof size === 'object' ? size : [size]
  const wrong = sizes.find((each) => typeof each === 'number' && !(each > 0 && isMetres(each)))
  if (wrong !== undefined) throw invalid(`${what} can't have the size ${String(wrong)}`, 'give positive factors')
}

function checkNumbers(what: string, numbers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value === 'number' && !isMetres(value)) throw invalid(`the ${name} of ${what} is ${value}`, 'give a finite number')
  }
}

function checkSegmentation(what: string, segmentation: unknown): void {
  if (typeof segmentation === 'function' || (typeof segmentation === 'number' && isWhole(segmentation, 0, segmentationMax))) return
  throw invalid(`${what} can't have segmentation ${String(segmentation)}`, `give an integer from 0 to ${segmentationMax}`)
}

/** A column of positions that everybody may read. */
function checkPosition(what: string, kind: KindType, at = 'at'): void {
  const column = kind.plan.find(({ name }) => name === at)
  if (column?.published === true && column.type.dtype === 'f32' && (column.type.width === 2 || column.type.width === 3)) return
  throw invalid(`${what} has no position`, `publish a column ${at}: vec(f32, 2) or vec(f32, 3)`)
}

function checkBillboard(what: string, { billboard, yaw, pitch, roll }: Pick<Visual, 'billboard' | 'yaw' | 'pitch' | 'roll'>): void {
  if (billboard === undefined) return
  if ((yaw ?? pitch ?? roll) !== undefined) throw invalid(`${what} turns to the eye, and has angles`, 'leave out billboard, or yaw, pitch and roll')
}

const lookOptions = ['size', 'lift', 'yaw', 'pitch', 'roll', 'billboard']

function checkVisual(visual: Visual): void {
  const { kind, at, size, yaw, pitch, roll, lift, colour, segmentation } = visual
  const what = `the visual of ${kind.name}`
  checkOptions(what, visual, ['kind', 'mesh', 'colour', 'segmentation'], [...lookOptions, 'at', 'hidden'])
  checkPosition(what, kind, at)
  checkSize(what, size)
  checkNumbers(what, { yaw, pitch, roll, lift })
  checkBillboard(what, visual)
  checkSegmentation(what, segmentation)
  if (typeof colour !== 'function') checkRgb(what, colour)
}

function checkScenery(scenery: Scenery, index: number): void {
  const { size, yaw, pitch, roll, lift, colour, segmentation } = scenery
  const at: readonly number[] = scenery.at
  const what = `scenery ${index}`
  checkOptions(what, scenery, ['mesh', 'at', 'colour', 'segmentation'], lookOptions)
  if (!(at.length === 2 || at.length === 3) || !at.every(isMetres)) throw invalid(`${what} can't be at (${at.join(', ')})`, 'give two or three finite numbers')
  checkSize(what, size)
  checkNumbers(what, { yaw, pitch, roll, lift })
  checkBillboard(what, scenery)
  checkSegmentation(what, segmentation)
  checkRgb(what, colour)
}

/** Checks what an eye can see. */
function checkLens(what: string, { fieldOfView, near, far }: Lens, { width, height, wraps }: WorldSpace): void {
  const { fieldOfViewMin, fieldOfViewMax } = cameraLimits
  if (!(fieldOfView >= fieldOfViewMin && fieldOfView <= fieldOfViewMax)) throw invalid(`${what} can't have a field of view of ${fieldOfView} degrees`, `give ${fieldOfViewMin} to ${fieldOfViewMax}`)
  if (!(near >= nearMin && far > near && isMetres(far))) throw invalid(`${what} can't see from ${near} to ${far} metres`, `give near from ${nearMin} on and far beyond it, up to ${metresMax}`)
  const most = Math.min(width, height) / 2
  if (wraps && far > most) throw invalid(`${what} sees ${far} metres far on a torus of ${width} x ${height}`, `give at most ${most}, half of the smaller edge: a thing is drawn once`)
}

/** Checks how large a picture is. */
export function checkExtent(what: string, { width, height }: { readonly width: number; readonly height: number }): void {
  const { edgeMin, widthMax, heightMax } = cameraLimits
  if (isWhole(width, edgeMin, widthMax) && isWhole(height, edgeMin, heightMax)) return
  throw invalid(`${what} can't have ${width} x ${height} pixels`, `give ${edgeMin} to ${widthMax} across and ${edgeMin} to ${heightMax} down`)
}

const viewpoints: Readonly<Record<Viewpoint['from'], readonly string[]>> = { eyes: ['height'], behind: ['distance', 'height', 'pitch'], above: ['altitude'] }

function checkViewpoint(what: string, { view, yaw, far }: Camera): void {
  const needed = viewpoints[view.from] as readonly string[] | undefined
  if (needed === undefined) throw invalid(`${what} can't look from '${view.from}'`, `choose from ${Object.keys(viewpoints).join(', ')}`)
  checkOptions(`the view of ${what}`, view, ['from', ...needed], view.from === 'eyes' ? ['pitch'] : [])
  checkNumbers(`the view of ${what}`, { ...view })
  if (view.from !== 'above') return
  if (yaw !== undefined) throw invalid(`${what} looks down and has a yaw`, 'leave it out: north is at the top of the picture')
  if (!(view.altitude > 0 && view.altitude < far)) throw invalid(`${what} is ${view.altitude} metres up and sees ${far} far`, 'give an altitude above 0 and below far')
}

function checkCamera(camera: Camera, space: WorldSpace): void {
  const { kind, at, yaw, slots = 1, channels: asked = ['rgb'], segmentation = 'kind' } = camera
  const what = `the camera of ${kind.name}`
  checkOptions(what, camera, ['kind', 'view', 'fieldOfView', 'near', 'far', 'width', 'height'], ['at', 'yaw', 'channels', 'segmentation', 'slots', 'clear'])
  checkPosition(what, kind, at)
  checkExtent(what, camera)
  checkLens(what, camera, space)
  checkViewpoint(what, camera)
  checkNumbers(what, { yaw })
  if (!isWhole(slots, 1, cameraLimits.slotsMax)) throw invalid(`${what} can't keep ${slots} frames`, `give 1 to ${cameraLimits.slotsMax} slots`)
  const strange = asked.find((each, i) => !channels.includes(each) || asked.indexOf(each) !== i)
  if (strange !== undefined) throw invalid(`${what} can't have the channels [${asked.join(', ')}]`, `give some of ${channels.join(', ')}, each once`)
  if ((segmentation as string) !== 'kind' && (segmentation as string) !== 'instance') throw invalid(`${what} can't tell things apart by ${segmentation}`, "give 'kind' or 'instance'")
}

function checkFreeCamera(free: FreeCamera, space: WorldSpace): void {
  checkOptions('a free camera', free, ['name', 'at', 'yaw', 'pitch', 'fieldOfView', 'near', 'far'], ['clear'])
  const what = `the free camera ${free.name}`
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(free.name)) throw invalid(`a free camera can't be named '${free.name}'`, 'use letters, digits, - and _, a letter first')
  const at: readonly number[] = free.at
  if (at.length !== 3 || !at.every(isMetres)) throw invalid(`${what} can't be at (${at.join(', ')})`, 'give three finite numbers')
  checkNumbers(what, { yaw: free.yaw, pitch: free.pitch })
  checkLens(what, free, space)
}

function checkUnique(what: string, names: readonly string[], todo: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(`there are two ${what} ${twice}`, todo)
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1
}

function checkAir({ light, fog, sky }: Scene): void {
  if (light !== undefined) {
    const towards: Vec3 = light.towards
    if (!(towards.every(isMetres) && lengthOf(towards) > 0)) throw invalid(`the light can't come from (${towards.join(', ')})`, 'give a direction that is not 0')
    if (!isShare(light.strength) || !isShare(light.ambient)) throw invalid(`the light can't have strength ${light.strength} and ambient ${light.ambient}`, 'give numbers from 0 to 1')
  }
  if (fog !== undefined) {
    checkRgb('the fog', fog.colour)
    if (!(fog.from >= 0 && fog.to >= fog.from + nearMin && isMetres(fog.to))) throw invalid(`the fog can't go from ${fog.from} to ${fog.to} metres`, `give from >= 0 and to a little more, up to ${metresMax}`)
  }
  if (sky !== undefined) {
    checkRgb('the horizon', sky.horizon)
    checkRgb('the zenith', sky.zenith)
  }
}

/** Checks everything about a scene that is known before it is drawn. Throws `world-invalid`. */
export function checkScene(scene: Scene, space: WorldSpace): void {
  const { visuals, scenery = [], cameras, freeCameras = [], terrain } = scene
  checkOptions('a scene', scene, ['visuals', 'cameras'], ['terrain', 'scenery', 'light', 'fog', 'sky', 'freeCameras'])
  const isSpace = (edge: number): boolean => edge >= spaceMin && edge <= 2 * metresMax
  if (!isSpace(space.width) || !isSpace(space.height)) throw invalid(`a space of ${space.width} x ${space.height} can't be drawn`, `make it ${spaceMin} to ${2 * metresMax} an edge`)
  if (terrain !== undefined) checkTerrain(terrain, space)
  visuals.forEach(checkVisual)
  scenery.forEach(checkScenery)
  packMeshes([...visuals, ...scenery].map(({ mesh }) => mesh))
  checkAir(scene)
  checkUnique('cameras of', cameras.map(({ kind }) => kind.name), 'keep one for each kind')
  for (const camera of cameras) checkCamera(camera, space)
  checkUnique('free cameras named', freeCameras.map(({ name }) => name), 'rename one of them')
  for (const free of freeCameras) checkFreeCamera(free, space)
}
