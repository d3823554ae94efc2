/** Where the pictures of a rendering go, one step after the other. */
import { encodePng } from '../../actors/index.ts'
import { GifEncoder, Y4mEncoder, type FrameRate, type Picture, type Tile } from '../../compositor/index.ts'
import type { OutputFile, OutputFiles } from '../output-files.ts'

/** Takes what is shown, step by step. */
export interface PictureWriter {
  add(tiles: readonly Tile[], step: number): Promise<void> | void
  /** Completes what was written. */
  finish(): Promise<void> | void
  /** Stops at once; what was written is going to be removed. */
  abort(): Promise<void> | void
}

/** What all writers of files need. */
export interface WriterJob {
  readonly path: string
  readonly outputs: OutputFiles
  readonly rate: FrameRate
  readonly assembled: (tiles: readonly Tile[], columns?: number) => Picture
}

/** The bytes of a film, whose pictures have one size. */
interface Film {
  readonly header: Uint8Array
  /** Of the next picture; valid until the one after it. */
  encode(picture: Picture, index: number): Uint8Array
  readonly trailer?: Uint8Array
}

/** Where they go. */
export interface FilmSink {
  write(bytes: Uint8Array): Promise<void> | void
  finish(): Promise<void> | void
  abort(): Promise<void> | void
}

function fileSink(file: OutputFile): FilmSink {
  return {
    write: (bytes) => {
      file.write(bytes)
    },
    finish: () => undefined,
    abort: () => undefined,
  }
}

/** A film of one picture a step; it is made when its size is known, that of the first one. */
function filmWriter({ assembled }: WriterJob, sink: FilmSink, makeFilm: (size: Picture) => Film): PictureWriter {
  let film: Film | undefined
  let count = 0
  return {
    add: async (tiles) => {
      const picture = assembled(tiles)
      if (film === undefined) {
        film = makeFilm(picture)
        await sink.write(film.header)
      }
      await sink.write(film.encode(picture, count++))
    },
    finish: async () => {
      if (film?.trailer !== undefined) await sink.write(film.trailer)
      await sink.finish()
    },
    abort: () => sink.abort(),
  }
}

/** A film without compression; a sink may compress it. */
export function y4mWriter(job: WriterJob, sink: FilmSink = fileSink(job.outputs.open(job.path))): PictureWriter {
  return filmWriter(job, sink, (size) => new Y4mEncoder(size, job.rate))
}

/** Readers take a shorter time than this for no time given, and show the picture for a tenth of a second. */
const hundredthsMin = 2

/** An animation. */
export function gifWriter(job: WriterJob): PictureWriter {
  const { pictures, seconds } = job.rate
  // From one rounded time to the next, so that the whole has the right length.
  const timeOf = (index: number): number => Math.round((100 * index * seconds) / pictures)
  return filmWriter(job, fileSink(job.outputs.open(job.path)), (size) => {
    const encoder = new GifEncoder(size)
    return { header: encoder.header, trailer: encoder.trailer, encode: (picture, index) => encoder.encode(picture, Math.max(hundredthsMin, timeOf(index + 1) - timeOf(index))) }
  })
}

/** One PNG of all steps: of one view as they fill a sheet, of several with a line for each view and a column for each step. */
export function sheetWriter({ path, outputs, assembled }: WriterJob): PictureWriter {
  const file = outputs.open(path)
  const steps: (readonly Tile[])[] = []
  return {
    add: (tiles) => {
      steps.push(tiles)
    },
    finish: () => {
      const [first] = steps
      const byView = first.flatMap((_, view) => steps.map((tiles) => tiles[view]))
      file.write(encodePng(assembled(byView, first.length > 1 && steps.length > 1 ? steps.length : undefined)))
    },
    abort: () => undefined,
  }
}

const placeholder = /%(?:0(\d+))?d/

/** Whether a path is that of one file a step: it has a place for the number, like `%06d`. */
export function isNumbered(path: string): boolean {
  return placeholder.test(path)
}

/** A PNG a step, with the number of the step in its name. */
export function numberedWriter({ path, outputs, assembled }: WriterJob): PictureWriter {
  return {
    add: (tiles, step) => {
      const file = outputs.open(path.replace(placeholder, (_, digits: string | undefined) => String(step).padStart(Number(digits ?? 0), '0')))
      file.write(encodePng(assembled(tiles)))
      file.close()
    },
    finish: () => undefined,
    abort: () => undefined,
  }
}
