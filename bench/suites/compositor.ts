import { createSimulation } from '../../actors/index.ts'
import { createTwin } from '../../compositor/draw/twin.ts'
import { compiledModule, hostKernels } from '../../runtime/host/index.ts'
import { callInChild } from '../harness/child.ts'
import type { Garbage } from '../harness/garbage.ts'
import { interleave, inTurns, secondsOf } from '../harness/measure.ts'
import { seed } from '../harness/runs.ts'
import { metricOf, suiteOf, type Metric, type MetricGroup, type Metrics, type Suite } from '../harness/suite.ts'
import { arenaWarmSteps, largeArena, sizedArena } from '../models/arena.ts'
import { boxField, boxFieldFocal, boxFieldRange, type BoxField } from '../models/box-field.ts'
import { fieldSeed, framesOfThreads, garbageOfBatches, nativeDrawing } from '../models/box-field-draw.ts'
import { boxFieldJob } from '../models/box-field-job.ts'
import { viewsOf } from '../models/camera-view.ts'
import { boxFieldScene } from '../vulkan/box-field-scene.ts'
import { openLavapipe, type Lavapipe } from '../vulkan/lavapipe.ts'

/** How much a measurement repeats. */
interface Counts {
  /** Distinct cameras, and frames that are timed over them. */
  readonly cameras: number
  readonly frames: number
  /** The same, of the plain kernel. */
  readonly twinFrames: number
  /** Frames that two threads draw together. */
  readonly threadFrames: number
  readonly rounds: number
  /** Batches of frames whose garbage is counted. */
  readonly batches: number
  /** Steps of the arena before the clock starts, and steps it runs for. */
  readonly arenaWarm: number
  readonly arenaSteps: number
  readonly arena: { readonly heroes: number; readonly enemies: number }
}

const fullCounts: Counts = { cameras: 1_024, frames: 1_024, twinFrames: 128, threadFrames: 32_768, rounds: 5, batches: 500, arenaWarm: arenaWarmSteps, arenaSteps: 40, arena: largeArena }
const quickCounts: Counts = { cameras: 64, frames: 64, twinFrames: 4, threadFrames: 128, rounds: 1, batches: 20, arenaWarm: 2, arenaSteps: 2, arena: { heroes: 16, enemies: 80 } }

const sizes = [64, 128] as const
/** Our frames to one of the driver's: in as long a time, about. */
const ownFrames = 8
/** Cells along a square of the ground where it is drawn coarsely: what is left of it is fewer triangles than the boxes have. */
const coarseCells = 4

/** What a metric shall be, where something is wanted of it. */
const wishes: Readonly<Record<string, string>> = {
  own_64_frames_per_cpu_s: '>= 30000',
  own_128_frames_per_cpu_s: '>= 20000',
  own_64_over_lavapipe: '>= 8',
  own_64_over_lavapipe_coarse: '>= 8',
  own_128_over_lavapipe: '>= 8',
  own_128_over_lavapipe_coarse: '>= 8',
  twin_64_frames_per_s: '>= 300',
  two_threads_over_one: '>= 1.9',
  arena_drawn_steps_per_s: '>= 20',
  arena_pixel_steps_per_s: '>= 20',
  allocated_bytes_per_frame: '<= 0',
}

/** Metrics of this suite by their short names, each with what is wanted of it. */
function suiteMetrics(metrics: Metrics): Metrics {
  const named = Object.entries(metrics).map(([name, metric]): [string, Metric] => [`compositor.${name}`, name in wishes ? { ...metric, wanted: wishes[name] } : metric])
  return Object.fromEntries(named)
}

/** Our kernel over the cameras of a field. */
interface OwnPace {
  /** Frames per second on the clock of the wall, one number a round. */
  readonly perSecond: number[]
  /** A round: frames per second of processor time. */
  readonly rate: () => Promise<number>
}

function ownPace(field: BoxField, size: number, frames: number): OwnPace {
  const [job, draw, cameras] = [boxFieldJob(field, size, size), nativeDrawing(), field.cameras.length]
  const perSecond: number[] = []
  const rate = (): Promise<number> => {
    // Once before the clock starts, as the driver does: a process that has just started another one pays for every page it writes to first.
    draw(job, cameras)
    const before = process.cpuUsage()
    let drawn = 0
    const seconds = secondsOf(() => {
      for (; drawn < frames; drawn += cameras) draw(job, cameras)
    })
    const { user, system } = process.cpuUsage(before)
    perSecond.push(drawn / seconds)
    return Promise.resolve((drawn * 1e6) / (user + system))
  }
  return { perSecond, rate }
}

/** How the driver draws: the ground in full or coarse; each frame with its submission, or 64 in one picture. */
interface DriverWay {
  readonly squareCells: number
  readonly side: 1 | 8
}

/** Frames per second of the driver's processor time; nothing where it is not there. */
function driverPace(lavapipe: Lavapipe | undefined, field: BoxField, size: number, frames: number): (way: DriverWay) => () => Promise<number | undefined> {
  const views = viewsOf(field.cameras, { focal: boxFieldFocal(size), ...boxFieldRange })
  return ({ squareCells, side }) => {
    const scene = boxFieldScene(field, squareCells)
    return async () => {
      const drawn = await lavapipe?.time({ scene, views, width: size, height: size }, { frames, side })
      return drawn === undefined ? undefined : drawn.frames / drawn.processorSeconds
    }
  }
}

/** One size of the box field: our kernel and Mesa's driver of Vulkan, in turns. */
async function sizeMetrics(field: BoxField, size: number, counts: Counts, lavapipe: Lavapipe | undefined): Promise<Metrics> {
  const own = ownPace(field, size, ownFrames * counts.frames)
  const driver = driverPace(lavapipe, field, size, counts.frames)
  const samples = await inTurns(counts.rounds, {
    own: own.rate,
    lavapipe: driver({ squareCells: 1, side: 1 }),
    lavapipe_atlas: driver({ squareCells: 1, side: 8 }),
    lavapipe_coarse: driver({ squareCells: coarseCells, side: 1 }),
    lavapipe_coarse_atlas: driver({ squareCells: coarseCells, side: 8 }),
  })
  const metrics: Record<string, Metric> = { [`own_${size}_frames_per_cpu_s`]: metricOf(samples.own, 'frames/s'), [`own_${size}_frames_per_s`]: metricOf(own.perSecond, 'frames/s') }
  if (lavapipe === undefined) return metrics
  for (const ground of ['', '_coarse'] as const) {
    const [single, atlas] = [samples[`lavapipe${ground}`], samples[`lavapipe${ground}_atlas`]]
    metrics[`lavapipe_${size}${ground}_frames_per_cpu_s`] = metricOf(single, 'frames/s')
    metrics[`lavapipe_${size}${ground}_atlas_frames_per_cpu_s`] = metricOf(atlas, 'frames/s')
    metrics[`own_${size}_over_lavapipe${ground}`] = metricOf(samples.own.map((rate, round) => rate / Math.max(single[round], atlas[round])), 'x')
  }
  return metrics
}

/** Colour, depth and segmentation of every camera of the box field, by our kernel and by Mesa's driver, which reads them back. */
async function fieldMetrics(counts: Counts, note: (what: string) => void): Promise<Metrics> {
  const opened = await openLavapipe()
  if ('missing' in opened) note(`lavapipe skipped: ${opened.missing}`)
  const field = boxField(fieldSeed, counts.cameras)
  let metrics: Metrics = {}
  for (const size of sizes) metrics = { ...metrics, ...(await sizeMetrics(field, size, counts, 'missing' in opened ? undefined : opened)) }
  return suiteMetrics(metrics)
}

/** The plain kernel, which draws where there is no addon. */
function twinMetrics({ twinFrames, rounds }: Counts): Promise<Metrics> {
  const [job, draw] = [boxFieldJob(boxField(fieldSeed, twinFrames), 64, 64), createTwin()]
  draw(job, twinFrames)
  const rates = Array.from({ length: rounds }, () => twinFrames / secondsOf(() => { draw(job, twinFrames) }))
  return Promise.resolve(suiteMetrics({ twin_64_frames_per_s: metricOf(rates, 'frames/s') }))
}

/** Two threads that draw half of the cameras each, over one that draws all. */
async function threadMetrics({ cameras, threadFrames, rounds }: Counts): Promise<Metrics> {
  const { first, second, ratios } = await interleave({ first: () => framesOfThreads(cameras, cameras, threadFrames), second: () => framesOfThreads(cameras, cameras / 2, threadFrames) }, rounds)
  // Each at its best, which is on idle cores.
  return suiteMetrics({ two_threads_over_one: { ...metricOf(ratios, 'x'), value: Math.max(...second) / Math.max(...first) }, two_threads_64_frames_per_s: metricOf(second, 'frames/s') })
}

/** Garbage of frames, which a run draws without end. */
async function garbageMetrics({ batches }: Counts): Promise<Metrics> {
  const { bytesPerStep } = await callInChild<Garbage>({ url: compiledModule('bench/models/box-field-draw'), name: garbageOfBatches.name, argument: batches })
  return suiteMetrics({ allocated_bytes_per_frame: metricOf(bytesPerStep, 'B') })
}

/** The arena whose 1,000 heroes see 5,000 things, hashed, in this thread; steps per second, some at a time. */
async function startSeenArena(observations: 'both' | 'pixels', { arena, arenaWarm, arenaSteps }: Counts): Promise<() => Promise<number>> {
  const { definition: world, config } = await sizedArena(arena, [`obs=${observations}`])
  const simulation = createSimulation({ world, config, seed, threads: 0 })
  simulation.step(arenaWarm)
  return () => Promise.resolve(arenaSteps / secondsOf(() => simulation.step(arenaSteps)))
}

/** The arena drawn for all of its heroes, who act from a few numbers; and where they act from those pictures, by a network of 12,288 inputs. */
async function arenaMetrics(counts: Counts): Promise<Metrics> {
  const { drawn, pixel } = await inTurns(counts.rounds, { drawn: await startSeenArena('both', counts), pixel: await startSeenArena('pixels', counts) })
  return suiteMetrics({ arena_drawn_steps_per_s: metricOf(drawn, 'steps/s'), arena_pixel_steps_per_s: metricOf(pixel, 'steps/s') })
}

/** What can be measured only where the addon is built. */
function ofAddon(measure: MetricGroup<Counts>['measure']): MetricGroup<Counts>['measure'] {
  return (counts, note) => {
    if (hostKernels().drawViews !== undefined) return measure(counts, note)
    note('skipped: the addon is not built')
    return Promise.resolve({})
  }
}

/** Drawing: what every camera of a field of boxes sees, and every hero of the arena. */
export const compositor: Suite = suiteOf('compositor', { full: fullCounts, quick: quickCounts }, [
  { what: 'garbage of frames', measure: ofAddon(garbageMetrics) },
  { what: 'the box field, beside lavapipe', measure: ofAddon(fieldMetrics) },
  { what: 'the box field by the plain kernel', measure: twinMetrics },
  { what: 'the box field on two threads', measure: ofAddon(threadMetrics) },
  { what: 'the arena, seen', measure: ofAddon(arenaMetrics) },
])
