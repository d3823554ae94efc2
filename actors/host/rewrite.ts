import { resolve } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { ed25519Sign, hostCrc32, openCopySink, sha256, zstdCompression } from '../../runtime/host/index.ts'
import { MetabonkError, rewriteRecording, type RecordingEnd } from '../../runtime/index.ts'
import { openFile } from './open-file.ts'

/** Options of {@link recoverRecording} and {@link compressRecording}. */
export interface RewriteOptions {
  /** Ed25519 private key, PEM, to sign the copy with. */
  readonly signKey?: string
  /** Aborting leaves nothing of the copy. */
  readonly signal?: AbortSignal
}

/** A recording that was written anew. */
export interface Rewritten {
  /** The last step it holds. */
  readonly steps: number
  readonly finalHash: string
  readonly reason: string
  readonly bytesBefore: number
  readonly bytes: number
  /** The recording was signed, and its copy is not. */
  readonly signatureLost: boolean
}

/**
 * Copies what a torn recording holds, up to its last complete chunk, into a whole one, with its index and end. Every checksum is
 * checked on the way. Throws `recording-invalid` where more than its end is damaged, and `stopped` when its signal ends it.
 */
export function recoverRecording(path: string, out: string, options: RewriteOptions = {}): Promise<Rewritten> {
  return rewrite(path, out, options, false)
}

/** Copies a recording with its chunks compressed (Zstandard). It is read, replayed and verified like the other. */
export function compressRecording(path: string, out: string, options: RewriteOptions = {}): Promise<Rewritten> {
  return rewrite(path, out, options, true)
}

/** The copy gets its name when it is whole: what has that name is left as it is until then. */
async function rewrite(path: string, out: string, { signKey, signal }: RewriteOptions, compress: boolean): Promise<Rewritten> {
  if (resolve(path) === resolve(out)) throw new MetabonkError({ code: 'usage', what: 'a recording can not be written over itself', where: path, todo: 'give another path: --out FILE' })
  const recording = openFile(path)
  const sign = signKey === undefined ? undefined : ed25519Sign(signKey)
  const pieces = rewriteRecording(recording, openCopySink(out), { crc32: hostCrc32, digest: sha256, sign, compression: compress ? zstdCompression() : undefined })
  const { steps, finalHash, reason } = await endOf(pieces, path, signal)
  return { steps, finalHash, reason, bytesBefore: recording.source.size, bytes: openFile(out).source.size, signatureLost: recording.end?.publicKey !== undefined && sign === undefined }
}

/** Goes through with a copy, unless the signal ends it. */
async function endOf(pieces: Generator<void, RecordingEnd, void>, path: string, signal: AbortSignal | undefined): Promise<RecordingEnd> {
  for (;;) {
    const piece = pieces.next()
    if (piece.done === true) return piece.value
    await breathe()
    if (signal?.aborted !== true) continue
    // Closes the file, and removes it.
    pieces.return(undefined as never)
    throw new MetabonkError({ code: 'stopped', what: 'stopped before the copy was whole: nothing of it is left', where: path })
  }
}
