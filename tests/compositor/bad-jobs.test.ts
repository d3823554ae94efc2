import { describe, expect, it } from 'vitest'
import { faceWords, meshAt, meshWords, numberAt, viewAt } from '../../compositor/draw/layout.ts'
import { createTwin } from '../../compositor/draw/twin.ts'
import { channels } from '../../compositor/scene.ts'
import { loadNative } from '../../native/index.ts'
import { AssertionError, type DrawJob, type DrawViews, type Rng } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { bothKernels } from './both-kernels.ts'
import { drawJob, type DrawScene } from './draw-scenes.ts'

const seed = testSeed('bad-jobs', 20_261_126)
const native = loadNative()
const scene: DrawScene = { width: 24, height: 16, views: 2, instances: 12, hurt: 0, ground: true, channels }

type ArrayName = Exclude<keyof DrawJob, 'numbers'> | 'numbers'

/** Sets one word of an array. */
function set(array: ArrayName, at: number, value: number): (job: DrawJob) => DrawJob {
  return (job) => {
    job[array][at] = value
    return job
  }
}

/** Leaves an array one element short. */
function short(array: ArrayName): (job: DrawJob) => DrawJob {
  return (job) => ({ ...job, [array]: job[array].slice(0, -1) })
}

const odd = [NaN, Infinity, -Infinity, -1]
const numbers = Object.entries(numberAt).flatMap(([name, at]) => odd.map((value) => [`${name} is ${value}`, set('numbers', at, value)] as const))
/** Views may look from anywhere below the horizon: a negative eye is none of the faults. */
const views = Object.entries(viewAt)
  .filter(([name]) => name !== 'unseen')
  .flatMap(([name, at]) => [NaN, Infinity, -Infinity].map((value) => [`${name} of a view is ${value}`, set('views', at, value)] as const))
const arrays = ['numbers', 'meshes', 'vertices', 'faces', 'planes', 'bounds', 'bodies', 'tags', 'details', 'texels', 'texelKinds', 'views', ...channels] as const
const cases: readonly (readonly [string, (job: DrawJob) => DrawJob])[] = [
  ...numbers.filter(([name]) => !/^(fogFrom is -1|wraps is)/.test(name)),
  ...views,
  ...arrays.map((array) => [`${array} is one element short`, short(array)] as const),
  ['a picture is too wide', set('numbers', numberAt.width, 7681)],
  ['a picture has half a pixel', set('numbers', numberAt.height, 15.5)],
  ['a picture has no pixels', set('numbers', numberAt.height, 0)],
  ['there are more instances than room', set('numbers', numberAt.instances, 13)],
  ['a mesh begins behind its vertices', set('meshes', meshAt.vertexFirst, 0xffffffff)],
  ['a mesh has more faces than there are', set('meshes', meshAt.faceCount, 0xffffffff)],
  ['a mesh is coarser than itself', set('meshes', meshWords + meshAt.coarser, 1)],
  ['a coarser mesh is not there', set('meshes', meshAt.coarser, 1_000)],
  ['a face has a corner too far', set('faces', faceWords, 0x7fffffff)],
  ['a face has two corners', set('faces', 2, 0xffffffff)],
  ['an instance has a mesh that is not there', set('tags', 0, 0xffffff)],
  ['an instance has a billboard that there is not', set('tags', 0, 3 * 0x1000000)],
  ['tiles are no power of two', set('numbers', numberAt.tile, 6)],
  ['tiles do not fill the ground', set('numbers', numberAt.columns, 12)],
  ['near is behind far', set('views', viewAt.near, 20)],
  ['a frame is beyond the last', set('views', viewAt.frame, 2)],
  ['an instance is nowhere', set('bodies', 1, NaN)],
  ['an axis of an instance is too long', set('bodies', 27, -1e30)],
  ['an instance is too large', set('bounds', 36, Infinity)],
  ['a view looks from too far away', set('views', viewAt.eye, 1e8)],
]

/** The message a kernel refuses a job with; undefined when it draws it. */
function refusal(draw: DrawViews, job: DrawJob, kind: typeof AssertionError | typeof RangeError): string | undefined {
  try {
    draw(job, scene.views)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(kind)
    return (error as Error).message.replace('broken invariant: ', '')
  }
}

describe('a job that does not hold what its numbers say', () => {
  it.each(cases)('is refused when %s', (_, change) => {
    const job = (): DrawJob => change(drawJob(testRng(seed).at(0, 0), scene))
    const said = refusal(createTwin(), job(), AssertionError)
    expect(said).toMatch(/^drawViews: ./)
    if (native !== null) expect(refusal(native.drawViews, job(), RangeError)).toBe(said)
  })

  it.each([...bothKernels])('is refused by %s when it has fewer views than asked for', (_, draw) => {
    expect(() => { draw(drawJob(testRng(seed).at(0, 0), scene), 3) }).toThrow(/more views/)
  })
})

const floats = [NaN, Infinity, -Infinity, -0, 1e30, -1e30, 3e38, 1e-40, 0, 1, -1]
const wholes = [0, 1, 2, 7, 0xffffffff, 0x7fffffff, 0xffffff, 0x1000000]

/** Some words of a job overwritten, or an array cut. */
function mutated(rng: Rng, job: DrawJob): DrawJob {
  let result = job
  for (let change = 1 + rng.below(3); change > 0; change--) {
    const name = arrays[rng.below(12)]
    const array = result[name]
    if (array.length === 0) continue
    const isFloat = array instanceof Float32Array || array instanceof Float64Array
    if (rng.below(20) === 0) result = short(name)(result)
    else array[rng.below(array.length)] = isFloat ? floats[rng.below(floats.length)] : wholes[rng.below(wholes.length)]
  }
  return result
}

/** A job with a corner so far away that, where it is clipped, rounding puts it into the eye. */
const intoTheEye = 13_811

describe.skipIf(native === null)('a job with words that mean nothing (skipped where the addon is not built)', () => {
  it('is refused by both kernels with the same words, or drawn to the same bytes', { timeout: counts(60_000, 900_000) }, () => {
    const twin = createTwin()
    let drawn = 0
    for (const turn of [...Array(counts(400, 20_000)).keys(), intoTheEye]) {
      const job = (): DrawJob => mutated(testRng(seed).at(turn, 1), drawJob(testRng(seed).at(turn, 0), { ...scene, instances: turn % 20, ground: turn % 3 > 0, hurt: turn % 2 }))
      const [ours, theirs] = [job(), job()]
      const said = refusal(twin, ours, AssertionError)
      expect(refusal(native?.drawViews ?? twin, theirs, RangeError), `job ${turn}`).toBe(said)
      if (said !== undefined) continue
      drawn++
      for (const channel of channels) expect(Buffer.from(theirs[channel].buffer).equals(Buffer.from(ours[channel].buffer)), `${channel} of job ${turn}`).toBe(true)
    }
    expect(drawn).toBeGreaterThan(100)
  })
})
