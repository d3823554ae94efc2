import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, linkSync, openSync, readSync, renameSync, statSync, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { threadId } from 'node:worker_threads'
import * as zlib from 'node:zlib'
import { MetabonkError } from '../errors.ts'
import { crc32 as twinCrc32 } from '../recording/crc32.ts'
import type { Crc32 } from '../recording/crc32.ts'
import { isMagic, mcapMagic } from '../recording/mcap-format.ts'
import type { ByteSource } from '../recording/piecewise.ts'
import type { ByteSink } from '../recording/mcap-writer.ts'
import type { RecordingFile } from '../recording/resume.ts'
import { lockFile } from './file-lock.ts'
import { makeFolder } from './make-folder.ts'

/** The fastest checksum at hand: Node's own has been there since 20.15. */
export const hostCrc32: Crc32 = (zlib as { readonly crc32?: Crc32 }).crc32 ?? twinCrc32

/** What system errors mean for a reader of the message, and what to do. */
const diskErrors: Readonly<Record<string, readonly [what: string, todo: string]>> = {
  ENOSPC: ['no space is left on the disk', 'free some space, or record to another disk'],
  EDQUOT: ['the disk quota is used up', 'free some space, or record to another disk'],
  EFBIG: ['the file grew beyond what the file system or the limit of the process allows', 'raise the limit (ulimit -f), or record to another disk'],
  ENOENT: ['there is no such folder, and none can be made', 'choose another path'],
  EACCES: ['permission is denied', 'choose a path that you may write to'],
  EPERM: ['permission is denied', 'choose a path that you may write to'],
  EROFS: ['the file system is read-only', 'choose a path that you may write to'],
  EISDIR: ['the path is a folder', 'give the path of a file'],
  ENOTDIR: ['part of the path is a file, not a folder', 'give the path of a file in a folder'],
  EEXIST: ['part of the path is a file, not a folder', 'give the path of a file in a folder'],
  ENAMETOOLONG: ['the path is too long', 'choose a shorter path'],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n)'],
  EIO: ['the disk failed', 'record to another disk'],
}

function diskError(doing: string, path: string, cause: unknown): MetabonkError {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  const [what, todo] = diskErrors[code] ?? [cause instanceof Error ? cause.message : String(cause), 'check the path and the disk']
  return new MetabonkError({ code: 'disk', what: `${doing}: ${what}`, where: path, todo, cause })
}

/** Does something with a file. Throws `disk` when the system does not let it. */
export function attempt<Result>(doing: string, path: string, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    throw error instanceof MetabonkError ? error : diskError(doing, path, error)
  }
}

/** So much of a disk is left free: this, or a hundredth of the disk where that is less. */
const reserveBytes = 64 * 1024 * 1024
const reserveShare = 0.01
const nearlyFull = 'the disk is nearly full'

/** Whether an error says that the disk would have become full: nothing was written then, and the file can be ended. */
export function isNearlyFull(error: unknown): boolean {
  return error instanceof MetabonkError && error.what === nearlyFull
}

/**
 * Opens a file to be recorded to; parent folders are made. A finished recording at `path` is set aside, and removed when the new
 * one is closed. Anything else that lies there is left alone and refused: a recording without its end is all that is left of a
 * killed run, and worth more than a convenient path. A lock beside the file keeps other writers away until it is closed.
 * Throws `disk`.
 */
export function openFileSink(path: string): ByteSink {
  return attempt('recording cannot be opened', path, () => {
    makeFolder(dirname(path))
    const existing = statSync(path, { throwIfNoEntry: false })
    // Devices and pipes have nothing to replace; opening a folder fails by itself.
    if (existing !== undefined && !existing.isFile()) return new FileSink(path, { file: openSync(path, 'w'), start: undefined, former: undefined, release: () => undefined })
    const release = lockFile(path)
    try {
      const former = existing === undefined ? undefined : setAside(path)
      return new FileSink(path, { file: createFile(path), start: 0, former, release })
    } catch (error) {
      release()
      throw error
    }
  })
}

/** The file of a part of a recording, which has its name when it is worth something. */
export interface PartSink extends ByteSink {
  /** Gives it its name. */
  settle(): void
}

/**
 * Opens the file of a part of a recording: until it is settled it lies beside its path, as `PATH.part`, and is removed when it is closed. Nothing at `path` is
 * replaced. Throws `disk`.
 */
export function openPartSink(path: string): PartSink {
  return openDraft(path, () => { if (existsSync(path)) throw occupied(path) }, false)
}

/** Opens the file of a copy of a recording: it gets its name, and replaces a finished recording there, when it is closed. Throws `disk`. */
export function openCopySink(path: string): ByteSink {
  return openDraft(path, () => { checkReplaceable(path) }, true)
}

function openDraft(path: string, check: () => void, settlesAtClose: boolean): PartSink {
  return attempt('recording cannot be opened', path, () => {
    makeFolder(dirname(path))
    const release = lockFile(path)
    try {
      check()
      // What lies there was left by a killed process before it was worth anything.
      const partial = `${path}.part`
      return new FileSink(partial, { file: openSync(partial, 'w'), start: 0, former: undefined, release, settled: path, settlesAtClose })
    } catch (error) {
      release()
      throw error
    }
  })
}

/** A recording's file to be written on; close it when nothing comes of that. */
export interface AppendedFile extends RecordingFile {
  close(): void
}

/** Opens the file of a recording to be written on, and locks it. Throws `disk`, and `recording-invalid` when there is no such file. */
export function openFileAppend(path: string): AppendedFile {
  // What is wrong with the path is said before a lock is laid beside it.
  openFileSource(path).close()
  return attempt('recording cannot be opened', path, () => {
    const release = lockFile(path)
    let source: FileSource | undefined
    const close = (): void => {
      source?.close()
      release()
    }
    try {
      source = openFileSource(path)
      return appended(path, source, close)
    } catch (error) {
      close()
      throw error
    }
  })
}

function appended(path: string, source: FileSource, close: () => void): AppendedFile {
  const file = openSync(path, 'r+')
  return {
    source,
    appendAt: (offset) => {
      attempt('recording cannot be cut', path, () => { ftruncateSync(file, offset) })
      return new FileSink(path, { file, start: offset, former: undefined, release: close })
    },
    close: () => {
      closeSync(file)
      close()
    },
  }
}

function createFile(path: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? occupied(path) : error
  }
}

/** Refuses a path at which something else than a finished recording lies: that is worth more than a convenient path. Throws `disk`. */
function checkReplaceable(path: string): void {
  attempt('recording cannot be replaced', path, () => {
    if (existsSync(path) && !isFinished(path)) throw occupied(path)
  })
}

/** Moves a finished recording out of the way; returns its new path. */
function setAside(path: string): string {
  checkReplaceable(path)
  const aside = `${path}.${String(process.pid)}-${String(threadId)}.old`
  renameSync(path, aside)
  if (!isFinished(aside)) {
    // Between the two looks another writer has put its own file here: it gets it back.
    linkSync(aside, path)
    unlinkSync(aside)
    throw occupied(path)
  }
  return aside
}

/** True when the file starts and ends as a finished recording does. */
function isFinished(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const edges = new Uint8Array(mcapMagic.length)
    return [0, size - edges.length].every((at) => at >= 0 && readSync(file, edges, 0, edges.length, at) === edges.length && isMagic(edges)) && size > edges.length
  } finally {
    closeSync(file)
  }
}

function occupied(path: string): MetabonkError {
  return new MetabonkError({
    code: 'disk',
    what: 'a file that is no finished recording is already there: its writer was killed, or it is something else',
    where: path,
    todo: 'go on with it (metabonk resume), choose another path, or move the file away',
  })
}

interface SinkParts {
  readonly file: number
  /** Where writing starts; undefined for a device or pipe. */
  readonly start: number | undefined
  /** Where the recording lies that this one replaces. */
  readonly former: string | undefined
  /** Gives the lock back. */
  readonly release: () => void
  /** Where the file lies once it is settled; until then nothing of it is kept. */
  readonly settled?: string
  readonly settlesAtClose?: boolean
}

class FileSink implements PartSink {
  #path: string
  readonly #parts: SinkParts
  /** End of what has been written. */
  #end: number
  #isEntered = false
  #isSettled: boolean
  #closed = false

  constructor(path: string, parts: SinkParts) {
    this.#path = path
    this.#parts = parts
    this.#end = parts.start ?? 0
    this.#isSettled = parts.settled === undefined
  }

  settle(): void {
    const { settled } = this.#parts
    if (settled === undefined || this.#isSettled) return
    attempt('recording cannot be given its name', settled, () => {
      renameSync(this.#path, settled)
      this.#path = settled
      this.#isSettled = true
      syncFolder(dirname(settled))
    })
  }

  claim(bytes: number, endBytes: number): void {
    if (this.#parts.start === undefined) return
    const { bavail, bsize, blocks } = attempt('recording cannot be written', this.#path, () => statfsSync(this.#path))
    // A file system of no size does not say how much is free.
    if (blocks === 0 || bavail * bsize >= bytes + Math.max(endBytes, Math.min(reserveBytes, blocks * bsize * reserveShare))) return
    throw new MetabonkError({ code: 'disk', what: nearlyFull, where: this.#path, todo: 'free some space, or record to another disk; what was recorded until then is whole' })
  }

  write(bytes: Uint8Array): void {
    const { file, start } = this.#parts
    attempt('recording cannot be written', this.#path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, start === undefined ? null : this.#end + at)
    })
    this.#end += bytes.length
  }

  sync(): void {
    if (this.#parts.start === undefined) return
    attempt('recording cannot be brought to the disk', this.#path, () => {
      fsyncSync(this.#parts.file)
      if (!this.#isEntered) syncFolder(dirname(this.#path))
      this.#isEntered = true
    })
  }

  /** A file to which nothing could be written is removed. */
  close(): void {
    if (this.#parts.settlesAtClose === true && !this.#closed) this.settle()
    this.#finish(this.#end > 0 && this.#isSettled)
  }

  /** A file that was written on is left as it is. */
  discard(): void {
    this.#finish((this.#parts.start ?? 0) > 0)
  }

  #finish(keep: boolean): void {
    if (this.#closed) return
    this.#closed = true
    const { file, start, former, release } = this.#parts
    attempt('recording cannot be closed', this.#path, () => {
      try {
        closeSync(file)
        if (start !== undefined && !keep) unlinkSync(this.#path)
        if (former !== undefined && keep) unlinkSync(former)
        else if (former !== undefined) renameSync(former, this.#path)
      } finally {
        release()
      }
    })
  }
}

/** Makes the name of a new file survive a power cut. */
function syncFolder(path: string): void {
  // Windows opens no folders, and needs none.
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** A file to read a recording from; open until it is closed. */
export interface FileSource extends ByteSource {
  close(): void
}

/** Closes files that nobody reads from any more, and nobody has closed. */
const forgotten = new FinalizationRegistry<number>((file) => {
  closeSync(file)
})

/** Opens a recording's file for reading. Throws `recording-invalid` when it is not there or no file. */
export function openFileSource(path: string): FileSource {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const what = missing ? 'recording does not exist' : diskError('recording cannot be read', path, error).what
    throw unreadable(what, path, error)
  }
  const stat = fstatSync(file)
  if (!stat.isFile()) {
    closeSync(file)
    throw unreadable('recording is not a file', path, undefined)
  }
  let { size } = stat
  const source: FileSource = {
    name: path,
    get size() {
      return size
    },
    measure: () => {
      size = sizeNow(file, path)
    },
    read: (offset, length) => readFully(file, path, offset, length),
    close: () => {
      closeSync(file)
      forgotten.unregister(source)
    },
  }
  forgotten.register(source, file, source)
  return source
}

/** The size of an open file, which must still be the one at its path. */
function sizeNow(file: number, path: string): number {
  const [open, there] = [fstatSync(file), statSync(path, { throwIfNoEntry: false })]
  if (there === undefined) throw unreadable('recording was removed while it was read', path, undefined)
  if (there.ino !== open.ino || there.dev !== open.dev) throw unreadable('another file lies there than the recording that was read', path, undefined)
  return open.size
}

function readFully(file: number, path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  try {
    while (at < length) {
      const read = readSync(file, bytes, at, length - at, offset + at)
      if (read === 0) break
      at += read
    }
  } catch (error) {
    throw unreadable(diskError('recording cannot be read', path, error).what, path, error)
  }
  if (at < length) throw unreadable('recording became shorter while it was read', path, undefined)
  return bytes
}

function unreadable(what: string, path: string, cause: unknown): MetabonkError {
  return new MetabonkError({ code: 'recording-invalid', what, where: path, todo: 'give the path of a recording (.mcap)', cause })
}
