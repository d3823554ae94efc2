/** Films that ffmpeg encodes: it gets them uncompressed through a pipe, and writes beside the file that was asked for. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { MetabonkError } from '../../actors/index.ts'
import type { OutputFile } from '../output-files.ts'
import type { FilmSink } from './writers.ts'

/** What most players need: half as many pixels of colour, hence even sizes. What the colours mean is said, because players guess by the size. */
const filters = 'setparams=range=tv:colorspace=smpte170m:color_primaries=bt709:color_trc=iec61966-2-1,pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p'
/** Neither version nor time in the file. */
const plain = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact']
const containers = { mp4: ['-movflags', '+faststart', '-f', 'mp4'], webm: ['-f', 'webm'] } as const
const otherWays = 'write .y4m, .gif or .png'
const saidMax = 4096

/** The program, once it runs: the pictures of a film go in, a file comes out. */
class Encoding implements FilmSink {
  private readonly child: ChildProcess
  private readonly file: OutputFile
  private readonly signal: AbortSignal
  private readonly ended: Promise<number | null>
  private said = ''

  constructor(child: ChildProcess, file: OutputFile, signal: AbortSignal) {
    this.child = child
    this.file = file
    this.signal = signal
    this.ended = new Promise((resolve) => {
      child.once('close', resolve)
    })
    child.stderr?.on('data', (piece: Buffer) => (this.said = (this.said + piece.toString()).slice(-saidMax)))
    // A pipe that breaks is told by the write that it breaks under.
    child.stdin?.on('error', () => undefined)
    // It may be what we wait for.
    const stop = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', stop)
    void this.ended.then(() => {
      signal.removeEventListener('abort', stop)
    })
  }

  /** Resolves when the bytes are on their way: they may be used again. */
  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.child
    const failure = await new Promise<Error | null | undefined>((resolve) => {
      stdin?.write(bytes, resolve)
    })
    if (failure !== null && failure !== undefined) throw this.failure(await this.ended)
  }

  async finish(): Promise<void> {
    this.child.stdin?.end()
    const code = await this.ended
    if (code !== 0) throw this.failure(code)
    if (statSync(this.file.draft).size === 0) throw new MetabonkError({ code: 'tool', what: 'ffmpeg made an empty film and called it done', where: this.file.path, todo: `look what your ffmpeg is, or ${otherWays}` })
  }

  async abort(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  private failure(code: number | null): MetabonkError {
    if (this.signal.aborted) return new MetabonkError({ code: 'stopped', what: 'stopped before the film was done', where: this.file.path })
    // `[out#0/mp4 @ 0x5581] Error opening output: No space left on device`
    const last = this.said.trim().split('\n').at(-1)?.replace(/^(\[[^\]]*\] *)+/, '')
    const why = last === undefined || last === '' ? `it ended with ${code === null ? 'a signal' : `code ${String(code)}`}` : last
    return new MetabonkError({ code: 'tool', what: `ffmpeg could not make the film: ${why}`, where: this.file.path, todo: `look what your ffmpeg lacks, make room, or ${otherWays}` })
  }
}

/** Starts ffmpeg: it takes an uncompressed film. Throws `tool` when it is not installed; later when it fails. A signal ends it. */
export async function startFfmpeg(file: OutputFile, ending: keyof typeof containers, signal: AbortSignal): Promise<FilmSink> {
  const args = ['-hide_banner', '-loglevel', 'error', '-f', 'yuv4mpegpipe', '-i', 'pipe:0', '-vf', filters, ...plain, ...containers[ending], '-y', `file:${file.draft}`]
  // In a group of its own: Ctrl-C is for us, and we end it.
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'], detached: true })
  try {
    await once(child, 'spawn')
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new MetabonkError({ code: 'tool', what: isMissing ? `.${ending} needs ffmpeg, which is not installed` : `ffmpeg can't be started: ${cause instanceof Error ? cause.message : String(cause)}`, where: file.path, todo: `install ffmpeg, or ${otherWays}`, cause })
  }
  return new Encoding(child, file, signal)
}
