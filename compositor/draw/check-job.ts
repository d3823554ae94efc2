/** What the drawing kernels rely on. The addon has the same checks, in native/src/draw.cc. */
import type { DrawJob } from '../../runtime/index.ts'
import { billboard, bodyWords, detailWords, edgeMax, faceWords, meshAt, meshWords, none, numberAt, numberCount, planeWords, tagAt, tagWords, viewAt, viewWords } from './layout.ts'

/** Farther away, positions in metres are no longer exact to a millimetre. */
const farthestPlace = 1e7

/** Places in metres, axes, and inverses of axes: whatever is larger comes of numbers that are out of hand, and would come to other bits here and there. */
const bodyMost = Math.fround(1e13)

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low && value <= high
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && isBetween(value, low, high)
}

/** What is wrong with a job and so many of its views, if anything is. */
export function faultOfJob(job: DrawJob, count: number): string | undefined {
  if (!isWhole(count, 0, none)) return 'there is no such number of views'
  if (job.numbers.length < numberCount) return '`numbers` is too short'
  return faultOfNumbers(job.numbers) ?? faultOfInstances(job) ?? faultOfMeshes(job) ?? faultOfGround(job) ?? faultOfViews(job, count)
}

function faultOfNumbers(n: Float64Array): string | undefined {
  if (!isWhole(n[numberAt.width], 1, edgeMax) || !isWhole(n[numberAt.height], 1, edgeMax)) return 'a picture has 1 to 7680 pixels an edge'
  if (!isBetween(n[numberAt.spaceWidth], 0.01, farthestPlace) || !isBetween(n[numberAt.spaceHeight], 0.01, farthestPlace)) return 'the space has no such size'
  if (!isBetween(n[numberAt.ambient], 0, 1e3) || !isBetween(n[numberAt.strength], 0, 1e3)) return 'there is no such light'
  if (!isBetween(n[numberAt.fogFrom], -farthestPlace, farthestPlace) || !isBetween(n[numberAt.fogScale], 0, 1e30)) return 'there is no such fog'
  const colours = [numberAt.fogColour, numberAt.horizon, numberAt.zenith]
  return colours.every((at) => isWhole(n[at], 0, 0xffffff)) ? undefined : 'a colour is from 0 to 0xffffff'
}

function faultOfInstances({ numbers, bounds, bodies, tags }: DrawJob): string | undefined {
  const room = numbers[numberAt.capacity]
  const count = numbers[numberAt.instances]
  if (!isWhole(room, 0, 1e8) || !isWhole(count, 0, room)) return 'there are more instances than room for them'
  if (bounds.length < 4 * room || bodies.length < bodyWords * count || tags.length < tagWords * count) return 'there are more instances than their arrays hold'
  const isSomewhere = [0, 1, 2, 3].every((part) => areWithin(bounds.subarray(part * room, part * room + count))) && areWithin(bodies.subarray(0, bodyWords * count))
  return isSomewhere ? undefined : 'an instance is out of all bounds'
}

/** Whether all numbers of instances are at most so large; a loop, since they are many. */
function areWithin(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= bodyMost)) return false
  return true
}

function faultOfMeshes(job: DrawJob): string | undefined {
  const { numbers, meshes, tags } = job
  const count = numbers[numberAt.meshes]
  if (!isWhole(count, 0, 0xffffff) || count * meshWords > meshes.length) return 'there are more meshes than the table holds'
  for (let mesh = 0; mesh < count; mesh++) {
    const fault = faultOfMesh(job, meshes.subarray(mesh * meshWords, (mesh + 1) * meshWords))
    if (fault !== undefined) return fault
    const behind = meshes[mesh * meshWords + meshAt.coarser]
    // A coarser mesh comes later: so the search for one ends.
    if (behind !== none && (behind <= mesh || behind >= count)) return 'a coarser mesh does not come after the finer one'
  }
  for (let instance = 0; instance < numbers[numberAt.instances]; instance++) {
    const tag = tags[instance * tagWords + tagAt.mesh]
    if ((tag & 0xffffff) >= count || tag >>> 24 > billboard.facing) return 'an instance has a mesh or a billboard that there is not'
  }
  return undefined
}

function faultOfMesh({ vertices, faces, planes }: DrawJob, words: Uint32Array): string | undefined {
  const vertexCount = words[meshAt.vertexCount]
  const faceFirst = words[meshAt.faceFirst]
  const faceEnd = faceFirst + words[meshAt.faceCount]
  if (3 * (words[meshAt.vertexFirst] + vertexCount) > vertices.length || faceEnd * faceWords > faces.length || faceEnd * planeWords > planes.length) return 'a mesh goes beyond its arrays'
  if (!vertices.subarray(3 * words[meshAt.vertexFirst], 3 * (words[meshAt.vertexFirst] + vertexCount)).every(Number.isFinite)) return 'a mesh has a corner that is nowhere'
  const hasAll = faces.subarray(faceFirst * faceWords, faceEnd * faceWords).every((corner, at) => isCorner(corner, at % faceWords, vertexCount))
  return hasAll ? undefined : 'a face has a corner its mesh has not'
}

/** Whether a word of a face may stand in its place. */
function isCorner(word: number, place: number, vertexCount: number): boolean {
  return place === 4 || word < vertexCount || (place === 3 && word === none)
}

function faultOfGround(job: DrawJob): string | undefined {
  const { numbers } = job
  const columns = numbers[numberAt.columns]
  const lines = numbers[numberAt.lines]
  const tile = numbers[numberAt.tile]
  if (columns === 0) return undefined
  if (!isWhole(columns, 1, 65536) || !isWhole(lines, 1, 65536) || !isWhole(tile, 2, 64)) return 'the ground has no such grid'
  if ((tile & (tile - 1)) !== 0 || columns % tile !== 0 || lines % tile !== 0) return 'tiles have a power of two of cells an edge and fill the ground'
  if (!isBetween(numbers[numberAt.cell], 1e-3, farthestPlace) || !isBetween(numbers[numberAt.pixelError], 1e-3, 1e6)) return 'the ground has no such cells'
  return faultOfCells(job, (columns + 1) * (lines + 1), columns * lines)
}

function faultOfCells({ details, texels, texelKinds }: DrawJob, corners: number, cells: number): string | undefined {
  if (details.length < detailWords * corners) return 'the ground has more corners than its arrays hold'
  return texels.length < cells || texelKinds.length < cells ? 'the ground has more cells than its arrays hold' : undefined
}

function faultOfViews(job: DrawJob, count: number): string | undefined {
  const { numbers, views } = job
  if (count * viewWords > views.length) return 'there are more views than the job holds'
  const pixels = numbers[numberAt.width] * numbers[numberAt.height]
  const frames = [job.rgb.length / 3, job.grey.length, job.depth.length, job.depthMillis.length, job.segmentation.length].filter((length) => length > 0)
  for (let view = 0; view < count; view++) {
    const words = views.subarray(view * viewWords, (view + 1) * viewWords)
    const fault = faultOfView(words) ?? faultOfReach(numbers, words[viewAt.far])
    if (fault !== undefined) return fault
    if (!frames.every((length) => (words[viewAt.frame] + 1) * pixels <= length)) return "a view's frame goes beyond the arrays of frames"
  }
  return undefined
}

function faultOfView(words: Float64Array): string | undefined {
  if (!words.subarray(viewAt.eye, viewAt.right).every((at) => isBetween(at, -farthestPlace, farthestPlace))) return 'an eye is nowhere'
  if (!words.subarray(viewAt.right, viewAt.focal).every((part) => isBetween(part, -1.001, 1.001))) return 'the axes of a view are no unit vectors'
  if (!isBetween(words[viewAt.focal], 1e-3, 1e7)) return 'a view has no such focal length'
  if (!isBetween(words[viewAt.near], 1e-4, farthestPlace) || !isBetween(words[viewAt.far], words[viewAt.near], farthestPlace)) return 'near and far of a view are wrong'
  return isWhole(words[viewAt.frame], 0, 1e9) ? undefined : 'a view has no such frame'
}

/** Images of a tile of the ground are tried one by one. */
function faultOfReach(numbers: Float64Array, far: number): string | undefined {
  const cell = numbers[numberAt.cell]
  const isRound = numbers[numberAt.columns] > 0 && numbers[numberAt.wraps] === 1
  return isRound && (far > cell * numbers[numberAt.columns] || far > cell * numbers[numberAt.lines]) ? 'a view reaches around the space' : undefined
}
