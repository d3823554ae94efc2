/** The passes that pictures for people are made in. */
import type { DrawJob, DrawViews, WorldSpace } from '../runtime/index.ts'
import type { SceneJobs, Sight } from './draw-job.ts'
import { numberAt } from './draw/layout.ts'
import type { DrawList } from './draw-list.ts'
import { passesOver, RenderGraph, type Pass } from './graph.ts'
import { drawMinimap, minimapOf } from './overlay/minimap.ts'
import { drawBoxes, drawLabels, labelsOf, outlinesOf, type Outline } from './overlay/outlines.ts'
import { drawSegment } from './overlay/lines.ts'
import { stridesOf, type Footprints } from './overlay/paths.ts'
import { Projection } from './overlay/projection.ts'
import { depthPicture, segmentationPicture, type DepthRange } from './picture/colours.ts'
import { middlesOf, reduced, type Picture } from './picture/picture.ts'
import type { Scene } from './scene.ts'

/** How large a picture is, and how many samples along either edge of a pixel its colours are the mean of. */
export interface StillSize {
  readonly width: number
  readonly height: number
  readonly samples: number
}

/** What pictures of one state have in common. */
export interface Staging {
  /** As it was gathered last, with instances that can be told apart. */
  readonly list: DrawList
  readonly jobs: SceneJobs
  readonly draw: DrawViews
  readonly space: WorldSpace
  readonly scene: Scene
}

/** A picture to be made: of what, through which eye, how large. */
export interface Shot {
  readonly staging: Staging
  /** One view, for a picture of all samples. */
  readonly view: Float64Array
  readonly size: StillSize
  readonly sight: Sight
}

/** Draws over a picture. */
type Layer = (picture: Picture) => void

/** All that passes read and make. */
export interface PictureValues {
  /** Given. */
  shot: Shot
  /** Given: what the colours of depths reach from and to. */
  range: DepthRange
  /** Given: where agents were at the last steps and at this one, the oldest first. */
  trail: readonly Footprints[]
  /** What each sample shows. */
  sampledRgb: Uint8Array
  sampledDepth: Float32Array
  sampledSegmentation: Uint16Array
  sampledInstances: Uint16Array
  rgb: Uint8Array
  /** Metres of depth in the middle of each pixel; Infinity where there is nothing. */
  depth: Float32Array
  /** What is seen there; 0 where there is nothing. */
  segmentation: Uint16Array
  /** What is shown, without anything over it. */
  colours: Picture
  projection: Projection
  outlines: readonly Outline[]
  paths: Layer
  boxes: Layer
  labels: Layer
  minimap: Layer
  /** The colours with all that is drawn over them. */
  picture: Picture
}

/** What a camera gives of each pixel. */
export type StillChannel = 'rgb' | 'depth' | 'segmentation'
export type Overlay = 'boxes' | 'labels' | 'paths' | 'minimap'

/** How a picture is to look. */
export interface StillLook {
  readonly channel: StillChannel
  readonly overlays: readonly Overlay[]
}

const pass = passesOver<PictureValues>()

/** A job of these channels alone. */
function jobOf({ staging, view, size, sight }: Shot, asked: Partial<Record<StillChannel, boolean>>, segmentation = sight.segmentation): DrawJob {
  const [width, height] = [size.width * size.samples, size.height * size.samples]
  const room = (channel: StillChannel): number => (asked[channel] === true ? width * height : 0)
  const canvases = { width, height, rgb: new Uint8Array(3 * room('rgb')), grey: new Uint8Array(0), depth: new Float32Array(room('depth')), depthMillis: new Uint16Array(0), segmentation: new Uint16Array(room('segmentation')) }
  const job = staging.jobs.job(canvases, view, { ...sight, segmentation })
  job.numbers[numberAt.instances] = staging.list.instances.count
  return job
}

function pixelsOf({ width, height }: StillSize): number {
  return width * height
}

const raster = pass({
  name: 'raster',
  reads: ['shot'],
  makes: ['sampledRgb', 'sampledDepth', 'sampledSegmentation', 'sampledInstances'],
  run: ({ shot }, asked) => {
    const { draw } = shot.staging
    const tellsApart = asked.has('sampledInstances')
    // One drawing gives one segmentation: a second one is needed only where both are asked for and differ.
    const needsBoth = tellsApart && asked.has('sampledSegmentation') && shot.sight.segmentation === 'kind'
    const first = jobOf(shot, { rgb: asked.has('sampledRgb'), depth: asked.has('sampledDepth'), segmentation: tellsApart || asked.has('sampledSegmentation') }, tellsApart && !needsBoth ? 'instance' : shot.sight.segmentation)
    draw(first, 1)
    const second = needsBoth ? jobOf(shot, { segmentation: true }, 'instance') : first
    if (needsBoth) draw(second, 1)
    return { sampledRgb: first.rgb, sampledDepth: first.depth, sampledSegmentation: first.segmentation, sampledInstances: second.segmentation }
  },
})

const seen: readonly Pass<PictureValues>[] = [
  raster,
  pass({
    name: 'reduce',
    reads: ['shot', 'sampledRgb'],
    makes: ['rgb'],
    run: ({ shot: { size }, sampledRgb: rgb }) => ({ rgb: size.samples === 1 ? rgb : reduced({ width: size.width * size.samples, height: size.height * size.samples, rgb }, size.samples).rgb }),
  }),
  pass({
    name: 'depth',
    reads: ['shot', 'sampledDepth'],
    makes: ['depth'],
    run: ({ shot: { size }, sampledDepth }) => ({ depth: middlesOf(sampledDepth, new Float32Array(pixelsOf(size)), size, size.width * size.samples) }),
  }),
  pass({
    name: 'segmentation',
    reads: ['shot', 'sampledSegmentation'],
    makes: ['segmentation'],
    run: ({ shot: { size }, sampledSegmentation }) => ({ segmentation: middlesOf(sampledSegmentation, new Uint16Array(pixelsOf(size)), size, size.width * size.samples) }),
  }),
]

/** What is shown of a picture, in colours. */
const colours: Readonly<Record<StillChannel, Pass<PictureValues>>> = {
  rgb: pass({ name: 'colours', reads: ['shot', 'rgb'], makes: ['colours'], run: ({ shot: { size }, rgb }) => ({ colours: { width: size.width, height: size.height, rgb } }) }),
  depth: pass({ name: 'depthColours', reads: ['shot', 'depth', 'range'], makes: ['colours'], run: ({ shot, depth, range }) => ({ colours: depthPicture(depth, shot.size, range) }) }),
  segmentation: pass({ name: 'segmentationColours', reads: ['shot', 'segmentation'], makes: ['colours'], run: ({ shot, segmentation }) => ({ colours: segmentationPicture(segmentation, shot.size) }) }),
}

const layers: readonly Pass<PictureValues>[] = [
  pass({ name: 'projection', reads: ['shot'], makes: ['projection'], run: ({ shot }) => ({ projection: new Projection(jobOf(shot, {}), shot.size) }) }),
  pass({
    name: 'outlines',
    reads: ['shot', 'projection', 'sampledInstances'],
    makes: ['outlines'],
    run: ({ shot, projection, sampledInstances }) => ({ outlines: outlinesOf(shot.staging.list, projection, sampledInstances) }),
  }),
  pass({ name: 'boxes', reads: ['outlines'], makes: ['boxes'], run: ({ outlines }) => ({ boxes: (picture) => { drawBoxes(picture, outlines) } }) }),
  pass({
    name: 'labels',
    reads: ['shot', 'outlines'],
    makes: ['labels'],
    run: ({ shot, outlines }) => {
      const labels = labelsOf(outlines, shot.size)
      return { labels: (picture) => { drawLabels(picture, labels) } }
    },
  }),
  pass({
    name: 'paths',
    reads: ['shot', 'projection', 'trail'],
    makes: ['paths'],
    run: ({ shot: { staging }, projection, trail }) => {
      const strides = stridesOf(staging.list, projection, staging.space, trail)
      return { paths: (picture) => { for (const { from, to, colour } of strides) drawSegment(picture, from, to, colour) } }
    },
  }),
  pass({
    name: 'minimap',
    reads: ['shot', 'projection'],
    makes: ['minimap'],
    run: ({ shot: { staging }, projection }) => {
      const map = minimapOf(staging.list, projection, { space: staging.space, terrain: staging.scene.terrain })
      return { minimap: (picture) => { drawMinimap(picture, map) } }
    },
  }),
]

/** From the lowest to what lies over all others. */
const overlayOrder: readonly Overlay[] = ['paths', 'boxes', 'labels', 'minimap']

/** Draws what was asked for over the colours. */
function pictureWith(overlays: readonly Overlay[]): Pass<PictureValues> {
  const drawn = overlayOrder.filter((overlay) => overlays.includes(overlay))
  return pass({
    name: 'picture',
    reads: ['colours', ...drawn],
    makes: ['picture'],
    run: (values) => {
      const picture = { ...values.colours, rgb: values.colours.rgb.slice() }
      for (const overlay of drawn) values[overlay](picture)
      return { picture }
    },
  })
}

/** The passes to all that a camera gives: rgb, depth, segmentation. */
export const channelGraph = new RenderGraph(seen)

/** The passes to a picture that looks like this. */
export function pictureGraph({ channel, overlays }: StillLook): RenderGraph<PictureValues> {
  return new RenderGraph([...seen, colours[channel], ...layers, pictureWith(overlays)])
}
