/** What is shown of a step: for each view a picture in colours, alone, or beside that of another run with what differs. */
import { MetabonkError, type PictureSize, type RecordedPictures, type RenderedPicture } from '../../actors/index.ts'
import { beside, blankPicture, contactSheet, contrast, depthPicture, depthRangeOf, drawLine, segmentationPicture, withDepthLegend, type DepthRange, type Picture, type Tile } from '../../compositor/index.ts'
import type { Watch } from '../watched.ts'
import type { PictureChannel } from './choices.ts'
import type { NamedView } from './views.ts'

/** How pictures are to look. */
export interface Look {
  readonly channel: PictureChannel
  /** Undefined: as the world gave each camera. */
  readonly size: Pick<PictureSize, 'width' | 'height'> | undefined
  readonly samples: number
  /** Undefined: what the first pictures show. */
  readonly depthRange: DepthRange | undefined
  readonly isLabelled: boolean
}

/** A run whose pictures are shown. */
export interface ShownRun {
  readonly path: string
  readonly pictures: RecordedPictures
  readonly views: readonly NamedView[]
}

/** What two runs differ in, over all pictures so far. */
export interface ContrastSum {
  differingPixels: number
  differingPictures: number
  /** The first step with a pixel that differs. */
  firstStep: number | undefined
}

const crossColour = 0x606060

/** The picture of who does not live: crossed out. */
function crossed({ width, height }: Pick<Picture, 'width' | 'height'>): Picture {
  const picture = blankPicture(width, height)
  drawLine(picture, { column: 0, line: 0 }, { column: width - 1, line: height - 1 }, crossColour)
  drawLine(picture, { column: width - 1, line: 0 }, { column: 0, line: height - 1 }, crossColour)
  return picture
}

function wider(range: DepthRange | undefined, depth: Float32Array): DepthRange | undefined {
  const other = depthRangeOf(depth)
  return range === undefined || other === undefined ? (range ?? other) : { near: Math.min(range.near, other.near), far: Math.max(range.far, other.far) }
}

/** Draws the pictures of one run, or of two side by side. */
export class Composer {
  /** Pictures of agents that did not live. */
  absent = 0
  /** Pictures of agents that did. */
  present = 0
  readonly sum: ContrastSum = { differingPixels: 0, differingPictures: 0, firstStep: undefined }
  private readonly runs: readonly ShownRun[]
  private readonly look: Look
  /** The scale of depths: that of the first step at which something is seen, unless it was given. */
  private range: DepthRange | undefined

  /** Of two runs, the second is the one to compare with. */
  constructor(runs: readonly ShownRun[], look: Look) {
    this.runs = runs
    this.look = look
    this.range = look.depthRange
  }

  /** The scale of the depths that were shown; undefined when none were. */
  get depthRange(): DepthRange | undefined {
    return this.look.channel === 'depth' ? this.range : undefined
  }

  /** The pictures of a step, one for each view, with their labels; digits of the step are filled up, so that labels have one length. */
  async tilesOf(step: number, digits: number, watch: Watch): Promise<Tile[]> {
    const shown: (RenderedPicture | undefined)[][] = []
    for (const run of this.runs) shown.push(await this.seenBy(run, step, watch))
    if (this.range === undefined) for (const picture of shown.flat()) if (picture !== undefined) this.range = wider(this.range, picture.depth)
    return this.runs[0].views.map(({ name }, i) => {
      const pictures = this.runs.map((run, side) => this.coloured(shown[side][i], this.sizeOf(run, i)))
      return { picture: pictures.length === 1 ? pictures[0] : this.compared(pictures[0], pictures[1], step), label: `${name} step ${String(step).padStart(digits)}` }
    })
  }

  /** Several pictures, or one with its label, as a sheet; one alone as it is. Below depths there is their scale. */
  assembled(tiles: readonly Tile[], columns?: number): Picture {
    const picture = tiles.length === 1 && !this.look.isLabelled ? tiles[0].picture : contactSheet(tiles, columns)
    return this.look.channel === 'depth' ? withDepthLegend(picture, this.range ?? { near: 0, far: 0 }) : picture
  }

  private sizeOf({ pictures, views }: ShownRun, view: number): Pick<PictureSize, 'width' | 'height'> {
    return this.look.size ?? pictures.sizeOf(views[view].view)
  }

  /** What all views of a run saw. */
  private async seenBy(run: ShownRun, step: number, watch: Watch): Promise<(RenderedPicture | undefined)[]> {
    const seen: (RenderedPicture | undefined)[] = []
    for (const [i, { view }] of run.views.entries()) {
      const picture = await run.pictures.pictureOf(step, view, { ...this.sizeOf(run, i), samples: this.look.samples }, watch)
      // Valid until the next is asked for.
      seen.push(picture && { ...picture, rgb: picture.rgb.slice(), depth: picture.depth.slice(), segmentation: picture.segmentation.slice() })
    }
    return seen
  }

  private coloured(seen: RenderedPicture | undefined, size: Pick<Picture, 'width' | 'height'>): Picture {
    if (seen === undefined) {
      this.absent++
      return crossed(size)
    }
    this.present++
    switch (this.look.channel) {
      case 'rgb':
        return seen
      case 'depth':
        return depthPicture(seen.depth, seen, this.range ?? { near: 0, far: 0 })
      case 'segmentation':
        return segmentationPicture(seen.segmentation, seen)
    }
  }

  private compared(a: Picture, b: Picture, step: number): Picture {
    if (a.width !== b.width || a.height !== b.height) {
      const [first, second] = this.runs.map(({ path }) => path)
      throw new MetabonkError({ code: 'usage', what: `pictures of ${String(a.width)}x${String(a.height)} and ${String(b.width)}x${String(b.height)} pixels can't be compared`, where: `${first} and ${second}`, todo: 'give --size' })
    }
    const { marks, differingPixels } = contrast(a, b)
    if (differingPixels > 0) {
      this.sum.differingPixels += differingPixels
      this.sum.differingPictures++
      this.sum.firstStep ??= step
    }
    return beside([a, b, marks])
  }
}
