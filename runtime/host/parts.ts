import { existsSync, readdirSync, unlinkSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { MetabonkError } from '../errors.ts'
import type { RecordingManifest } from '../recording/manifest.ts'
import { readOutline } from '../recording/recording.ts'
import type { Recording, RecordingOutline } from '../recording/recording.ts'
import { RecordingWriter } from '../recording/recording-writer.ts'
import type { RecordingWriterOptions } from '../recording/recording-writer.ts'
import type { PartFiles } from '../recording/rotation.ts'
import { attempt, hostCrc32, openFileSource, openPartSink } from './files.ts'
import type { PartSink } from './files.ts'

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

/** Numbers of the parts, but the first, that lie where those of a recording at this path would; the last one first. */
function partNumbers(path: string): number[] {
  const folder = dirname(path)
  const ending = extname(path)
  const stem = `${basename(path, ending)}.`
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(stem) && name.endsWith(ending)) : []
  return names.map((name) => name.slice(stem.length, name.length - ending.length)).filter((part) => /^[1-9]\d*$/.test(part)).map(Number).sort((a, b) => b - a)
}

/** The parts of an earlier run at the same path would be taken for those of this one. Throws `disk`. */
export function refuseOtherParts(path: string): void {
  const [found] = partNumbers(path) as (number | undefined)[]
  if (found === undefined) return
  throw new MetabonkError({ code: 'disk', what: `a part of an earlier run is there: ${basename(partPath({ path, part: 0 }, found))}`, where: path, todo: 'choose another path, or move its parts away' })
}

/** A part of a run that was recorded in parts, or the one recording of a run that was not. */
export interface RunPart extends RecordingOutline {
  readonly path: string
  /** Its first step. */
  readonly first: number
}

/** Whether a run may be recorded in several parts, as far as the names of files tell. */
export function mayHaveParts(path: string): boolean {
  return partNumbers(path).length > 0 || /\.[1-9]\d*$/.test(basename(path, extname(path)))
}

/** What the file of a part says; undefined when it is not there, or can't be read. */
function readPart(path: string): RunPart | undefined {
  try {
    const source = openFileSource(path)
    try {
      const outline = readOutline(source, hostCrc32)
      return { path, first: outline.manifest.first ?? 0, ...outline }
    } finally {
      source.close()
    }
  } catch (error) {
    if (error instanceof MetabonkError) return undefined
    throw error
  }
}

/** The part before one, if it is there as it was when that was begun. */
function partBefore(path: string, { follows }: RecordingManifest): RunPart | undefined {
  const before = follows === undefined ? undefined : readPart(join(dirname(path), basename(follows.recording)))
  return before?.end?.sha256 === follows?.sha256 ? before : undefined
}

/** The part after one, if it is there and goes on from that. */
function partFollowing(part: RunPart): RunPart | undefined {
  const path = partAfter(part.path, part)
  const after = path === undefined ? undefined : readPart(path)
  return after?.manifest.follows?.sha256 === part.end?.sha256 ? after : undefined
}

/**
 * The parts of a run that are there, in their order: `path` is that of one of them, or of the first one, which may have been removed. Only the edges of the files are
 * read. A run in one file has one part. Empty when there is none that can be read.
 */
export function partsOfRun(path: string): readonly RunPart[] {
  const named = existsSync(path) ? readPart(path) : undefined
  const paths = named !== undefined || existsSync(path) ? [] : partNumbers(path).map((part) => partPath({ path, part: 0 }, part))
  const start = named ?? firstOf(paths, readPart)
  if (start === undefined) return []
  const parts = [start]
  for (let before = partBefore(start.path, start.manifest); before !== undefined; before = partBefore(before.path, before.manifest)) parts.unshift(before)
  for (let after = partFollowing(start); after !== undefined; after = partFollowing(after)) parts.push(after)
  return parts
}

function firstOf<A, B>(values: readonly A[], made: (value: A) => B | undefined): B | undefined {
  for (const value of values) {
    const found = made(value)
    if (found !== undefined) return found
  }
  return undefined
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
