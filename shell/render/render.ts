/** Pictures and films of recorded runs. */
import { extname } from 'node:path'
import { MetabonkError, openPictures, type PictureSize, type RecordedPictures } from '../../actors/index.ts'
import { textWidth, type DepthRange, type FrameRate, type Overlay } from '../../compositor/index.ts'
import { OutputFiles } from '../output-files.ts'
import type { Watch } from '../watched.ts'
import { pictureEndings, type PictureChannel, type PictureEnding } from './choices.ts'
import { Composer, type ContrastSum, type ShownRun } from './compose.ts'
import { viewsOf } from './views.ts'
import { gifWriter, isNumbered, numberedWriter, sheetWriter, y4mWriter, type PictureWriter, type WriterJob } from './writers.ts'

/** What to render. */
export interface RenderOptions {
  /** Path of the file; undefined shows it in the terminal. */
  readonly out?: string | undefined
  readonly agent?: readonly string[] | undefined
  readonly camera?: readonly string[] | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly every?: number | undefined
  readonly size?: Pick<PictureSize, 'width' | 'height'> | undefined
  readonly channel?: PictureChannel | undefined
  /** Averages 4 x 4 samples for each pixel. */
  readonly quality?: boolean | undefined
  /** Another recording, to show beside. */
  readonly with?: string | undefined
  readonly depthRange?: DepthRange | undefined
  readonly label?: boolean | undefined
  /** What is drawn over the pictures. */
  readonly overlay?: readonly Overlay[] | undefined
  /** Steps that paths reach back. Default 20. */
  readonly trail?: number | undefined
  /** Pictures a second. Default: as many as make a second of the film one of the world, from 1 to 60. */
  readonly fps?: number | undefined
  readonly force?: boolean | undefined
  readonly world?: string | undefined
}

/** What was rendered. */
export interface Rendered {
  readonly from: number
  readonly to: number
  readonly every: number
  /** Steps that were shown. */
  readonly steps: number
  /** Names of those who saw. */
  readonly views: readonly string[]
  /** Pictures of agents that did not live at their step. */
  readonly absent: number
  /** Pictures a second of a film. */
  readonly fps?: number
  readonly depthRange?: DepthRange
  readonly contrast?: ContrastSum & { readonly recording: string }
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}

const qualitySamples = 4
const trailDefault = 20
const fpsDefault = 30
const fpsMost = 60
/** Pixels of a sheet of several steps: its bytes, and the file's, are held in memory. */
const sheetPixelsMax = 1 << 26

function refuse(what: string, where: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'usage', what, where, todo })
}

interface Stretch {
  readonly from: number
  readonly to: number
  readonly every: number
}

/** The steps to show: of a still the last one or the one that is named, of a film all, unless it is said otherwise. */
function stretchOf(runs: readonly ShownRun[], ending: PictureEnding | undefined, options: RenderOptions): Stretch {
  const last = runs.reduce((least, { pictures }) => Math.min(least, pictures.steps), Infinity)
  const isStill = ending === 'png' || ending === undefined
  const { every = 1 } = options
  const first = runs.reduce((most, { pictures }) => Math.max(most, pictures.first), 0)
  const from = options.from ?? (isStill ? (options.to ?? last) : first)
  const to = options.to ?? (isStill ? from : last)
  if (from > to || from < first || to > last) throw refuse(`steps ${String(from)} to ${String(to)} are not in ${runs.length > 1 ? 'both recordings' : 'the recording'}`, runs[0].path, `give steps from ${String(first)} to ${String(last)}`)
  return { from, to, every }
}

function endingOf(out: string): PictureEnding {
  const ending = pictureEndings.find((each) => extname(out).toLowerCase() === `.${each}`)
  if (ending === undefined) throw refuse(`'${out}' does not say what to write`, '--out', `end it with ${pictureEndings.map((each) => `.${each}`).join(', ')}`)
  return ending
}

function rateOf(stepMillis: number, every: number, fps: number | undefined): FrameRate {
  const millis = stepMillis * every
  if (fps !== undefined || !(millis > 0)) return { pictures: fps ?? fpsDefault, seconds: 1 }
  if (millis > 1000 || millis < 1000 / fpsMost) return { pictures: millis > 1000 ? 1 : fpsMost, seconds: 1 }
  return { pictures: 1000, seconds: Math.round(millis) }
}

/** Refuses options that would have no meaning. */
function checkOptions({ out, label, fps, force, channel = 'rgb', quality, depthRange }: RenderOptions): void {
  if (channel !== 'rgb' && quality === true) throw refuse(`the mean of several ${channel === 'depth' ? 'depths' : 'things'} is none of them`, '--quality', 'leave --quality out, or show rgb')
  if (channel !== 'depth' && depthRange !== undefined) throw refuse(`${channel} has no scale of depths`, '--depth-range', 'leave it out, or add --channel depth')
  const needFile = [label, force].includes(true)
  if (out === undefined && needFile) throw refuse('nothing is written', '--term', 'leave --label and --force out, or give --out')
  if (out !== undefined && endingOf(out) === 'png' && fps !== undefined) throw refuse('a picture has no rate', '--fps', 'leave --fps out, or write a film')
}

/** Refuses the length of paths that nobody asked for. */
function checkTrail({ overlay = [], trail }: RenderOptions): void {
  if (trail !== undefined && !overlay.includes('paths')) throw refuse('no paths are drawn', '--trail', 'leave it out, or add --overlay paths')
}

/** Refuses pictures side by side that would not fit into memory. */
function checkSheet({ pictures, views }: ShownRun, { from, to, every }: Stretch, { out, size, with: other }: RenderOptions): void {
  const steps = Math.floor((to - from) / every) + 1
  const pixels = views.reduce((sum, { name, view }) => {
    const { width, height } = size ?? pictures.sizeOf(view)
    return sum + steps * Math.max((other === undefined ? 1 : 3) * width, textWidth(`${name} step ${String(to)}`)) * height
  }, 0)
  if (pixels > sheetPixelsMax) throw refuse(`a sheet of ${String(steps * views.length)} pictures would have ${String(Math.round(pixels / 1e6))} million pixels`, out ?? '--term', 'give fewer agents or a smaller --size; of many steps, --every, numbered files (%06d.png) or a film')
}

async function writerFor(ending: PictureEnding | undefined, job: WriterJob, signal: AbortSignal): Promise<PictureWriter> {
  switch (ending) {
    case undefined: {
      const { stdoutScreen, terminalWriter } = await import('./terminal.ts')
      return terminalWriter(job.assembled, job.rate, stdoutScreen())
    }
    case 'mp4':
    case 'webm':
      return y4mWriter(job, await (await import('./ffmpeg.ts')).startFfmpeg(job.outputs.open(job.path), ending, signal))
    case 'y4m':
      return y4mWriter(job)
    case 'gif':
      return gifWriter(job)
    case 'png':
      return isNumbered(job.path) ? numberedWriter(job) : sheetWriter(job)
  }
}

/** Opens the recordings to show, one or two, with their views; `opened` holds all that are to be closed, also when one fails. */
async function openRuns(path: string, options: RenderOptions, opened: RecordedPictures[]): Promise<ShownRun[]> {
  const { agent, camera, with: other, world } = options
  const runs: ShownRun[] = []
  for (const each of other === undefined ? [path] : [path, other]) {
    const pictures = await openPictures(each, { world })
    opened.push(pictures)
    runs.push({ path: each, pictures, views: viewsOf(pictures, each, { agent, camera }) })
  }
  return runs
}

interface Rendering extends Stretch {
  readonly composer: Composer
  readonly writer: PictureWriter
  readonly watch: Watch
  /** Undefined of stills. */
  readonly fps: number | undefined
}

async function showAll({ composer, writer, watch, from, to, every }: Rendering): Promise<void> {
  const digits = String(to).length
  const begin = performance.now()
  const onProgress: Watch['onProgress'] = ({ step }) => {
    watch.onProgress({ step, steps: to, seconds: (performance.now() - begin) / 1000 })
  }
  try {
    for (let step = from; step <= to; step += every) await writer.add(await composer.tilesOf(step, digits, { signal: watch.signal, onProgress }), step)
    await writer.finish()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

/** What is shown of which steps, and what it goes to. */
async function startRendering(runs: readonly ShownRun[], options: RenderOptions, outputs: OutputFiles, watch: Watch): Promise<Rendering> {
  const { out, size, channel = 'rgb', quality, depthRange, label, overlay = [], trail = trailDefault } = options
  const ending = out === undefined ? undefined : endingOf(out)
  const stretch = stretchOf(runs, ending, options)
  const isSheet = ending === 'png' && !isNumbered(String(out))
  checkSheet(runs[0], isSheet ? stretch : { ...stretch, to: stretch.from }, options)
  const isLabelled = label === true || (isSheet && stretch.to - stretch.from >= stretch.every)
  const composer = new Composer(runs, { channel, size, samples: quality === true ? qualitySamples : 1, depthRange, isLabelled, overlays: overlay, trail })
  const rate = rateOf(runs[0].pictures.stepMillis, stretch.every, options.fps)
  const writer = await writerFor(ending, { path: out ?? '', outputs, rate, assembled: (tiles, columns) => composer.assembled(tiles, columns) }, watch.signal)
  return { ...stretch, composer, writer, watch, fps: ending === 'png' ? undefined : rate.pictures / rate.seconds }
}

/**
 * Renders what the cameras of a recorded run saw, into a file or the terminal. A file appears when it is complete: what fails, or is stopped, leaves
 * none. Throws `usage` for views, steps and sizes that are not there and for files that are, `tool` for ffmpeg missing or failing, `disk` for paths that
 * can't be written, and what opening and replaying a recording throws.
 */
export async function renderRecording(path: string, options: RenderOptions, watch: Watch): Promise<Rendered> {
  checkOptions(options)
  checkTrail(options)
  const opened: RecordedPictures[] = []
  const outputs = new OutputFiles(path, options.force === true)
  try {
    const runs = await openRuns(path, options, opened)
    const rendering = await startRendering(runs, options, outputs, watch)
    await showAll(rendering)
    const { from, to, composer } = rendering
    if (composer.present === 0) throw refuse(`${runs[0].views.map(({ name }) => name).join(', ')} did not live at ${from === to ? `step ${String(to)}` : 'these steps'}`, path, 'name other agents or steps')
    outputs.commit()
    return renderedOf(runs, rendering, outputs)
  } catch (error) {
    outputs.discard()
    throw error
  } finally {
    for (const pictures of opened) pictures.close()
  }
}

function renderedOf(runs: readonly ShownRun[], { from, to, every, composer, fps }: Rendering, outputs: OutputFiles): Rendered {
  const { absent, depthRange, sum } = composer
  return {
    from,
    to,
    every,
    steps: Math.floor((to - from) / every) + 1,
    views: runs[0].views.map(({ name }) => name),
    absent,
    ...(fps === undefined ? {} : { fps }),
    ...(depthRange === undefined ? {} : { depthRange }),
    ...(runs.length === 1 ? {} : { contrast: { recording: runs[1].path, ...sum } }),
    files: outputs.written(),
  }
}
