import { checkOptions, describe, MetabonkError, type KindType, type WorldSpace } from '../runtime/index.ts'
import { lengthOf } from './face.ts'
import { packMeshes } from './pack-meshes.ts'
import { isFactor, metresMax, sizeMin } from './place.ts'
import { channels, type Camera, type FreeCamera, type Lens, type Scene, type Scenery, type Viewpoint, type Visual } from './scene.ts'
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

/** A value as an error shows it. */
function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(describe).join(', ')}]` : describe(value)
}

/** World code may be JavaScript, where anything can stand for an object, a list or a number. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function checkObjects(what: string, list: unknown): void {
  if (!Array.isArray(list)) throw invalid(`the ${what} of a scene can't be ${describe(list)}`, 'give a list')
  const stray = list.findIndex((each) => !isObject(each))
  if (stray >= 0) throw invalid(`the ${what} of a scene can't have ${describe(list[stray])} among them`, 'give a list of objects')
}

/** The name of the kind that something is of. */
function kindName(what: string, kind: unknown): string {
  if (isObject(kind) && Array.isArray((kind as Partial<KindType>).plan)) return (kind as KindType).name
  throw invalid(`${what} can't be of ${describe(kind)}`, 'give a kind')
}

function isMetres(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= metresMax
}

function arePlace(at: unknown, ...lengths: readonly number[]): at is readonly number[] {
  return Array.isArray(at) && lengths.includes(at.length) && at.every(isMetres)
}

function checkRgb(what: string, colour: unknown): void {
  if (Array.isArray(colour) && colour.length === 3 && colour.every((value) => isWhole(value as number, 0, 255))) return
  throw invalid(`${what} can't have the colour ${shown(colour)}`, 'give three integers from 0 to 255')
}

/** What each agent may have of its own: a function is asked when it is drawn. */
type Owner = 'one' | 'each'

function checkSize(what: string, size: unknown, owner: Owner): void {
  const sizes = Array.isArray(size) && size.length === 3 ? (size as readonly unknown[]) : [size]
  const wrong = sizes.find((each) => each !== undefined && !isFactor(each) && !(owner === 'each' && typeof each === 'function'))
  if (wrong !== undefined) throw invalid(`${what} can't have the size ${shown(wrong)}`, `give factors from ${sizeMin} to ${metresMax}`)
}

function checkNumbers(what: string, numbers: Readonly<Record<string, unknown>>, owner: Owner): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || isMetres(value) || (owner === 'each' && typeof value === 'function')) continue
    throw invalid(`the ${name} of ${what} is ${shown(value)}`, 'give a finite number')
  }
}

function checkSegmentation(what: string, segmentation: unknown, owner: Owner): void {
  if ((owner === 'each' && typeof segmentation === 'function') || isWhole(segmentation as number, 0, segmentationMax)) return
  throw invalid(`${what} can't have segmentation ${shown(segmentation)}`, `give an integer from 0 to ${segmentationMax}`)
}

/** A column of positions that everybody may read. */
function checkPosition(what: string, kind: KindType, at = 'at'): void {
  const column = kind.plan.find(({ name }) => name === at)
  if (column?.published === true && column.type.dtype === 'f32' && (column.type.width === 2 || column.type.width === 3)) return
  throw invalid(`${what} has no position`, `publish a column ${at}: vec(f32, 2) or vec(f32, 3)`)
}

function checkBillboard(what: string, { billboard, yaw, pitch, roll }: Pick<Visual, 'billboard' | 'yaw' | 'pitch' | 'roll'>): void {
  if (billboard === undefined) return
  if ((billboard as string) !== 'upright' && (billboard as string) !== 'facing') throw invalid(`${what} can't turn to the eye as ${describe(billboard)}`, "give 'upright' or 'facing'")
  if ((yaw ?? pitch ?? roll) !== undefined) throw invalid(`${what} turns to the eye, and has angles`, 'leave out billboard, or yaw, pitch and roll')
}

const lookOptions = ['size', 'lift', 'yaw', 'pitch', 'roll', 'billboard']

function checkVisual(visual: Visual): void {
  const { kind, at, size, yaw, pitch, roll, lift, colour, segmentation, hidden } = visual
  const what = `the visual of ${kindName('a visual', kind)}`
  checkOptions(what, visual, ['kind', 'mesh', 'colour', 'segmentation'], [...lookOptions, 'at', 'hidden'])
  checkPosition(what, kind, at)
  checkSize(what, size, 'each')
  checkNumbers(what, { yaw, pitch, roll, lift }, 'each')
  checkBillboard(what, visual)
  checkSegmentation(what, segmentation, 'each')
  if (typeof colour !== 'function') checkRgb(what, colour)
  const hides: unknown = hidden
  if (hides !== undefined && typeof hides !== 'function') throw invalid(`${what} can't be hidden by ${describe(hides)}`, 'give a function that says whether an agent is hidden')
}

function checkScenery(scenery: Scenery, index: number): void {
  const { size, yaw, pitch, roll, lift, colour, segmentation } = scenery
  const at: unknown = scenery.at
  const what = `scenery ${index}`
  checkOptions(what, scenery, ['mesh', 'at', 'colour', 'segmentation'], lookOptions)
  if (!arePlace(at, 2, 3)) throw invalid(`${what} can't be at ${shown(at)}`, 'give two or three finite numbers')
  checkSize(what, size, 'one')
  checkNumbers(what, { yaw, pitch, roll, lift }, 'one')
  checkBillboard(what, scenery)
  checkSegmentation(what, segmentation, 'one')
  checkRgb(what, colour)
}

/** Checks what an eye can see. */
function checkLens(what: string, { fieldOfView, near, far }: Lens, { width, height, wraps }: WorldSpace): void {
  const { fieldOfViewMin, fieldOfViewMax } = cameraLimits
  if (!(isMetres(fieldOfView) && fieldOfView >= fieldOfViewMin && fieldOfView <= fieldOfViewMax)) throw invalid(`${what} can't have a field of view of ${shown(fieldOfView)} degrees`, `give ${fieldOfViewMin} to ${fieldOfViewMax}`)
  if (!(isMetres(near) && near >= nearMin && far > near && isMetres(far))) throw invalid(`${what} can't see from ${shown(near)} to ${shown(far)} metres`, `give near from ${nearMin} on and far beyond it, up to ${metresMax}`)
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
  if (!isObject(view)) throw invalid(`${what} can't look from ${describe(view)}`, `give an object with from, one of ${Object.keys(viewpoints).join(', ')}`)
  const needed = viewpoints[view.from] as readonly string[] | undefined
  if (needed === undefined) throw invalid(`${what} can't look from '${view.from}'`, `choose from ${Object.keys(viewpoints).join(', ')}`)
  checkOptions(`the view of ${what}`, view, ['from', ...needed], view.from === 'eyes' ? ['pitch'] : [])
  checkNumbers(`the view of ${what}`, { ...view, from: undefined }, 'one')
  if (view.from !== 'above') return
  if (yaw !== undefined) throw invalid(`${what} looks down and has a yaw`, 'leave it out: north is at the top of the picture')
  if (!(view.altitude > 0 && view.altitude < far)) throw invalid(`${what} is ${view.altitude} metres up and sees ${far} far`, 'give an altitude above 0 and below far')
}

function checkCamera(camera: Camera, space: WorldSpace): void {
  const { kind, at, yaw, slots = 1, channels: asked = ['rgb'], segmentation = 'kind' } = camera
  const what = `the camera of ${kindName('a camera', kind)}`
  checkOptions(what, camera, ['kind', 'view', 'fieldOfView', 'near', 'far', 'width', 'height'], ['at', 'yaw', 'channels', 'segmentation', 'slots', 'clear'])
  checkPosition(what, kind, at)
  checkExtent(what, camera)
  checkLens(what, camera, space)
  checkViewpoint(what, camera)
  checkNumbers(what, { yaw }, 'each')
  if (!isWhole(slots, 1, cameraLimits.slotsMax)) throw invalid(`${what} can't keep ${slots} frames`, `give 1 to ${cameraLimits.slotsMax} slots`)
  const list: unknown = asked
  if (!Array.isArray(list)) throw invalid(`${what} can't have the channels ${describe(list)}`, `give a list of some of ${channels.join(', ')}`)
  const strange = asked.find((each, i) => !channels.includes(each) || asked.indexOf(each) !== i)
  if (strange !== undefined) throw invalid(`${what} can't have the channels [${asked.join(', ')}]`, `give some of ${channels.join(', ')}, each once`)
  if ((segmentation as string) !== 'kind' && (segmentation as string) !== 'instance') throw invalid(`${what} can't tell things apart by ${segmentation}`, "give 'kind' or 'instance'")
}

function checkFreeCamera(free: FreeCamera, space: WorldSpace): void {
  checkOptions('a free camera', free, ['name', 'at', 'yaw', 'pitch', 'fieldOfView', 'near', 'far'], ['clear'])
  const what = `the free camera ${free.name}`
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(free.name)) throw invalid(`a free camera can't be named '${free.name}'`, 'use letters, digits, - and _, a letter first')
  const at: unknown = free.at
  if (!arePlace(at, 3)) throw invalid(`${what} can't be at ${shown(at)}`, 'give three finite numbers')
  checkNumbers(what, { yaw: free.yaw, pitch: free.pitch }, 'one')
  checkLens(what, free, space)
}

function checkUnique(what: string, names: readonly string[], todo: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(`there are two ${what} ${twice}`, todo)
}

function isShare(value: number): boolean {
  return isMetres(value) && value >= 0 && value <= 1
}

function checkAir({ light, fog, sky }: Scene): void {
  if (light !== undefined) {
    const towards: unknown = light.towards
    if (!(arePlace(towards, 3) && lengthOf(light.towards) > 0)) throw invalid(`the light can't come from ${shown(towards)}`, 'give a direction that is not 0')
    if (!isShare(light.strength) || !isShare(light.ambient)) throw invalid(`the light can't have strength ${shown(light.strength)} and ambient ${shown(light.ambient)}`, 'give numbers from 0 to 1')
  }
  if (fog !== undefined) {
    checkRgb('the fog', fog.colour)
    if (!(isMetres(fog.from) && fog.from >= 0 && fog.to >= fog.from + nearMin && isMetres(fog.to))) throw invalid(`the fog can't go from ${shown(fog.from)} to ${shown(fog.to)} metres`, `give from >= 0 and to a little more, up to ${metresMax}`)
  }
  if (sky !== undefined) {
    checkRgb('the horizon', sky.horizon)
    checkRgb('the zenith', sky.zenith)
  }
}

/** Checks everything about a scene that is known before it is drawn. Throws `world-invalid`. */
export function checkScene(scene: Scene, space: WorldSpace): void {
  checkOptions('a scene', scene, ['visuals', 'cameras'], ['terrain', 'scenery', 'light', 'fog', 'sky', 'freeCameras'])
  const { visuals, scenery = [], cameras, freeCameras = [], terrain } = scene
  for (const [what, list] of Object.entries({ visuals, scenery, cameras, 'free cameras': freeCameras })) checkObjects(what, list)
  for (const name of ['terrain', 'light', 'fog', 'sky'] as const) if (scene[name] !== undefined && !isObject(scene[name])) throw invalid(`the ${name} of a scene can't be ${describe(scene[name])}`, 'give an object, or leave it out')
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
