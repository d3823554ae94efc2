import { existsSync, readdirSync, unlinkSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { MetabonkError } from '../errors.ts'
import type { RecordingManifest } from '../recording/manifest.ts'
import { openRecording } from '../recording/recording.ts'
import type { Recording } from '../recording/recording.ts'
import { RecordingWriter } from '../recording/recording-writer.ts'
import type { RecordingWriterOptions } from '../recording/recording-writer.ts'
import type { PartFiles } from '../recording/rotation.ts'
import { attempt, hostCrc32, openFileSource, openPartSink } from './files.ts'
import type { PartSink } from './files.ts'
import { hostReadPorts } from './read-ports.ts'

/** How a run is recorded in parts. */
export interface Rotation {
  /** A part is ended at the first keyframe after it has reached this size. */
  readonly bytes: number
  /** So many parts are kept, the last ones. Default: all. */
  readonly keep?: number | undefined
}

/** A part of a run, and what the one after it says of it. */
interface PartFile {
  readonly path: string
  readonly part: number
}

/** `run.mcap`, `run.1.mcap`, `run.2.mcap`: the path of a part by that of another one. */
function partPath({ path, part }: PartFile, wanted: number): string {
  const ending = extname(path)
  const name = basename(path, ending)
  const stem = part > 0 && name.endsWith(`.${String(part)}`) ? name.slice(0, -`.${String(part)}`.length) : name
  return join(dirname(path), wanted === 0 ? `${stem}${ending}` : `${stem}.${String(wanted)}${ending}`)
}

/** Number of a part: 0 for a recording that follows none. */
function partOf({ follows }: Pick<RecordingManifest, 'follows'>): number {
  return follows?.part ?? 0
}

/** The parts of an earlier run at the same path would be taken for those of this one. Throws `disk`. */
export function refuseOtherParts(path: string): void {
  const ending = extname(path)
  const stem = `${basename(path, ending)}.`
  const isPart = (name: string): boolean => name.startsWith(stem) && name.endsWith(ending) && /^\d+$/.test(name.slice(stem.length, name.length - ending.length))
  const found = existsSync(dirname(path)) ? readdirSync(dirname(path)).find(isPart) : undefined
  if (found === undefined) return
  throw new MetabonkError({ code: 'disk', what: `a part of an earlier run is there: ${found}`, where: path, todo: 'choose another path, or move its parts away' })
}

/** The part before one, if it is there as it was when that was begun. */
function partBefore(path: string, { follows }: RecordingManifest): { readonly path: string; readonly manifest: RecordingManifest } | undefined {
  if (follows === undefined) return undefined
  const before = join(dirname(path), follows.recording)
  try {
    const source = openFileSource(before)
    try {
      const { end, manifest } = openRecording(source, hostCrc32, hostReadPorts())
      return end?.sha256 === follows.sha256 ? { path: before, manifest } : undefined
    } finally {
      source.close()
    }
  } catch (error) {
    if (error instanceof MetabonkError) return undefined
    throw error
  }
}

/** The parts of a run up to one of them, as far as they are there. */
function partsUpTo(path: string, manifest: RecordingManifest): string[] {
  const parts = [path]
  for (let before = partBefore(path, manifest); before !== undefined; before = partBefore(before.path, before.manifest)) parts.unshift(before.path)
  return parts
}

/** Where a run that is recorded in parts is, and how its parts are written. */
export interface RotationStart {
  /** The part that is being written, and what it says of itself. */
  readonly path: string
  readonly manifest: RecordingManifest
  readonly keep: number | undefined
  readonly options: RecordingWriterOptions
}

/** The files of a run that is recorded in parts. */
export class RotatedFiles implements PartFiles {
  /** Those that are there, in their order. */
  readonly paths: string[]
  readonly #start: RotationStart
  #current: PartFile
  #sink: PartSink | undefined

  constructor(start: RotationStart) {
    this.#start = start
    this.#current = { path: start.path, part: partOf(start.manifest) }
    this.paths = partsUpTo(start.path, start.manifest)
  }

  get next(): string {
    return basename(this.#pathAfter)
  }

  get #pathAfter(): string {
    return partPath(this.#current, this.#current.part + 1)
  }

  /** Throws `disk`, also when a file of that name is there. */
  open(first: number, sha256: string): RecordingWriter {
    const path = this.#pathAfter
    const part = this.#current.part + 1
    const follows = { part, recording: basename(this.#current.path), sha256 }
    const sink = openPartSink(path)
    this.#sink = sink
    this.#current = { path, part }
    return new RecordingWriter(sink, { ...this.#start.manifest, first, follows }, this.#start.options)
  }

  /** Gives the file its name, and removes the parts that are not to be kept. */
  settle(): void {
    const { path } = this.#current
    this.#sink?.settle()
    this.paths.push(path)
    while (this.paths.length > (this.#start.keep ?? Infinity)) removePart(String(this.paths.shift()))
  }

  /** Closes the file that is being written, unless it is the first one. */
  close(): void {
    this.#sink?.close()
  }
}

function removePart(path: string): void {
  attempt('an old part cannot be removed', path, () => { if (existsSync(path)) unlinkSync(path) })
}

/** The file in which a run goes on, where it does; that one is to be gone on with. */
export function partAfter(path: string, { end }: Pick<Recording, 'end'>): string | undefined {
  const next = end?.next === undefined ? undefined : join(dirname(path), basename(end.next))
  return next !== undefined && existsSync(next) ? next : undefined
}
