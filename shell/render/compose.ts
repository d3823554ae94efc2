/** What is shown of a step: for each view a picture in colours, alone, or beside that of another run with what differs. */
import { MetabonkError, type PictureLook, type PictureSize, type RecordedPictures, type ShownPicture } from '../../actors/index.ts'
import { beside, blankPicture, contactSheet, contrast, depthRangeOf, drawLine, withDepthLegend, type DepthRange, type Picture, type Tile } from '../../compositor/index.ts'
import type { Watch } from '../watched.ts'
import type { NamedView } from './views.ts'

/** How pictures are to look. */
export interface Look extends Omit<PictureLook, 'width' | 'height'> {
  /** Undefined: as the world gave each camera. */
  readonly size: Pick<PictureSize, 'width' | 'height'> | undefined
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
const nothingSeen: DepthRange = { near: 0, far: 0 }

/** The picture of who does not live: crossed out. */
function crossed({ width, height }: Pick<Picture, 'width' | 'height'>): ShownPicture {
  const picture = blankPicture(width, height)
  drawLine(picture, { column: 0, line: 0 }, { column: width - 1, line: height - 1 }, crossColour)
  drawLine(picture, { column: width - 1, line: 0 }, { column: 0, line: height - 1 }, crossColour)
  return { colours: picture, picture }
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
    if (this.look.channel === 'depth' && this.range === undefined) await this.measure(step, watch)
    const shown: ShownPicture[][] = []
    for (const run of this.runs) shown.push(await this.shownBy(run, step, watch))
    return this.runs[0].views.map(({ name }, i) => {
      const pictures = shown.map((each) => each[i])
      return { picture: pictures.length === 1 ? pictures[0].picture : this.compared(pictures[0], pictures[1], step), label: `${name} step ${String(step).padStart(digits)}` }
    })
  }

  /** Several pictures, or one with its label, as a sheet; one alone as it is. Below depths there is their scale. */
  assembled(tiles: readonly Tile[], columns?: number): Picture {
    const picture = tiles.length === 1 && !this.look.isLabelled ? tiles[0].picture : contactSheet(tiles, columns)
    return this.look.channel === 'depth' ? withDepthLegend(picture, this.range ?? nothingSeen) : picture
  }

  private sizeOf({ pictures, views }: ShownRun, view: number): Pick<PictureSize, 'width' | 'height'> {
    return this.look.size ?? pictures.sizeOf(views[view].view)
  }

  /** Finds what the depths of a step reach from and to, if anything is seen there. */
  private async measure(step: number, watch: Watch): Promise<void> {
    for (const run of this.runs) {
      for (const [i, { view }] of run.views.entries()) {
        const seen = await run.pictures.pictureOf(step, view, { ...this.sizeOf(run, i), samples: 1, channels: ['depth'] }, watch)
        if (seen !== undefined) this.range = wider(this.range, seen.depth)
      }
    }
  }

  /** The pictures of all views of a run. */
  private async shownBy(run: ShownRun, step: number, watch: Watch): Promise<ShownPicture[]> {
    const shown: ShownPicture[] = []
    for (const [i, { view }] of run.views.entries()) {
      const size = this.sizeOf(run, i)
      const picture = await run.pictures.shownOf(step, view, { ...this.look, ...size, depthRange: this.range ?? nothingSeen }, watch)
      if (picture === undefined) this.absent++
      else this.present++
      shown.push(picture ?? crossed(size))
    }
    return shown
  }

  /** What differs is what was seen, whatever is drawn over it. */
  private compared({ colours: a, picture: first }: ShownPicture, { colours: b, picture: second }: ShownPicture, step: number): Picture {
    if (a.width !== b.width || a.height !== b.height) {
      throw new MetabonkError({ code: 'usage', what: `pictures of ${String(a.width)}x${String(a.height)} and ${String(b.width)}x${String(b.height)} pixels can't be compared`, where: this.runs.map(({ path }) => path).join(' and '), todo: 'give --size' })
    }
    const { marks, differingPixels } = contrast(a, b)
    if (differingPixels > 0) {
      this.sum.differingPixels += differingPixels
      this.sum.differingPictures++
      this.sum.firstStep ??= step
    }
    return beside([first, second, marks])
  }
}
