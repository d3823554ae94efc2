import { closeSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { MetabonkError } from '../runtime/index.ts'
import { makeFolder } from '../runtime/host/index.ts'

/** Text that is held before it goes out. */
const textHeld = 1 << 16
const pieceBytes = 1 << 20

/** Does something with files; what the system refuses is a `disk` error. */
function attempt<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    // `EACCES: permission denied, open '...'`
    const what = /^E[A-Z0-9]+: ([^,]+)/.exec(said)?.[1] ?? said
    throw new MetabonkError({ code: 'disk', what: `the file can't be written: ${what}`, where: path, todo: 'choose another path with --out, or make room', cause })
  }
}

/** A file that is being written, under another name until all are done. */
export class OutputFile {
  readonly path: string
  /** Where it lies until then. */
  readonly draft: string
  /** Bytes written so far. */
  bytes = 0
  private file: number | undefined
  private text = ''

  constructor(path: string) {
    this.path = path
    this.draft = `${path}.${String(process.pid)}.part`
    this.file = attempt(path, () => {
      makeFolder(dirname(path))
      return openSync(this.draft, 'w+')
    })
  }

  write(bytes: Uint8Array): void {
    this.flush()
    this.append(bytes)
  }

  writeText(text: string): void {
    this.text += text
    if (this.text.length >= textHeld) this.flush()
  }

  /** What was written so far, in pieces; each is valid until the next. */
  *pieces(): Generator<Uint8Array, void, void> {
    this.flush()
    const piece = new Uint8Array(pieceBytes)
    for (let at = 0; at < this.bytes; ) {
      const read = attempt(this.path, () => readSync(this.file ?? -1, piece, 0, piece.length, at))
      at += read
      yield piece.subarray(0, read)
    }
  }

  /** Writes what is held and closes the file. */
  close(): void {
    this.flush()
    const { file } = this
    this.file = undefined
    if (file === undefined) return
    attempt(this.path, () => {
      closeSync(file)
    })
  }

  /** Closes the file and removes what was written. */
  discard(): void {
    this.text = ''
    this.close()
    rmSync(this.draft, { force: true })
  }

  private flush(): void {
    if (this.text === '') return
    const bytes = new TextEncoder().encode(this.text)
    this.text = ''
    this.append(bytes)
  }

  private append(bytes: Uint8Array): void {
    const { file = -1 } = this
    attempt(this.path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    })
    this.bytes += bytes.length
  }
}

/** The files of one command: none of them appears before all are complete. */
export class OutputFiles {
  private readonly recording: string
  private readonly force: boolean
  private readonly files: OutputFile[] = []
  private readonly scratches: OutputFile[] = []

  /** `force` replaces files that exist; never the recording itself. */
  constructor(recording: string, force: boolean) {
    this.recording = recording
    this.force = force
  }

  /** Begins a file. Throws `usage` where one exists already, `disk` where none can be. */
  open(path: string): OutputFile {
    this.refuse(path)
    const file = new OutputFile(path)
    this.files.push(file)
    return file
  }

  /** Begins a file that is gone when the others are done. */
  scratch(path: string): OutputFile {
    const file = new OutputFile(path)
    this.scratches.push(file)
    return file
  }

  /** Gives all files their names. */
  commit(): void {
    for (const file of this.files) file.close()
    for (const { path } of this.files) this.refuse(path)
    for (const { path, draft } of this.files) {
      attempt(path, () => {
        renameSync(draft, path)
      })
    }
    for (const file of this.scratches) file.discard()
  }

  /** The files and their sizes; after all are complete. */
  written(): { readonly path: string; readonly bytes: number }[] {
    return this.files.map(({ path }) => ({ path, bytes: attempt(path, () => statSync(path).size) }))
  }

  /** Removes everything that was written. */
  discard(): void {
    for (const file of [...this.files, ...this.scratches]) file.discard()
  }

  private refuse(path: string): void {
    const found = attempt(path, () => statSync(path, { throwIfNoEntry: false }))
    if (found === undefined) return
    const { dev, ino } = statSync(this.recording)
    if (found.dev === dev && found.ino === ino) throw new MetabonkError({ code: 'usage', what: 'a recording is not written over itself', where: path, todo: 'choose another path with --out' })
    if (!found.isFile()) throw new MetabonkError({ code: 'usage', what: found.isDirectory() ? 'the path is a folder' : 'the path is a device', where: path, todo: 'give the path of a file with --out' })
    if (!this.force) throw new MetabonkError({ code: 'usage', what: 'a file is already there', where: path, todo: 'choose another path with --out, or replace it with --force' })
  }
}
