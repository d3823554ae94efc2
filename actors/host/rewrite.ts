import { resolve } from 'node:path'
import { ed25519Sign, hostCrc32, openFileSink, sha256, zstdCompression } from '../../runtime/host/index.ts'
import { MetabonkError, rewriteRecording } from '../../runtime/index.ts'
import { openFile } from './open-file.ts'

/** Options of {@link recoverRecording} and {@link compressRecording}. */
export interface RewriteOptions {
  /** Ed25519 private key, PEM, to sign the copy with. */
  readonly signKey?: string
}

/** A recording that was written anew. */
export interface Rewritten {
  /** The last step it holds. */
  readonly steps: number
  readonly finalHash: string
  readonly reason: string
  readonly bytesBefore: number
  readonly bytes: number
}

/**
 * Copies what a torn recording holds, up to its last complete chunk, into a whole one, with its index and end. Every checksum is
 * checked on the way. Throws `recording-invalid` where more than its end is damaged.
 */
export function recoverRecording(path: string, out: string, options: RewriteOptions = {}): Rewritten {
  return rewrite(path, out, options, false)
}

/** Copies a recording with its chunks compressed (Zstandard). It is read, replayed and verified like the other. */
export function compressRecording(path: string, out: string, options: RewriteOptions = {}): Rewritten {
  return rewrite(path, out, options, true)
}

// eslint-disable-next-line max-params -- from, to, how, and whether it is compressed
function rewrite(path: string, out: string, { signKey }: RewriteOptions, compress: boolean): Rewritten {
  if (resolve(path) === resolve(out)) throw new MetabonkError({ code: 'usage', what: 'a recording can not be written over itself', where: path, todo: 'give another path: --out FILE' })
  const recording = openFile(path)
  const sign = signKey === undefined ? undefined : ed25519Sign(signKey)
  const { steps, finalHash, reason } = rewriteRecording(recording, openFileSink(out), { crc32: hostCrc32, digest: sha256, sign, compression: compress ? zstdCompression() : undefined })
  return { steps, finalHash, reason, bytesBefore: recording.source.size, bytes: openFile(out).source.size }
}
