import { renameSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkReplaceable, ed25519Sign, hostCrc32, openFileSink, sha256, zstdCompression } from '../../runtime/host/index.ts'
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
  /** The recording was signed, and its copy is not. */
  readonly signatureLost: boolean
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

/** The copy gets its name when it is whole: what has that name is left as it is until then. */
function rewrite(path: string, out: string, { signKey }: RewriteOptions, compress: boolean): Rewritten {
  if (resolve(path) === resolve(out)) throw new MetabonkError({ code: 'usage', what: 'a recording can not be written over itself', where: path, todo: 'give another path: --out FILE' })
  checkReplaceable(out)
  const recording = openFile(path)
  const sign = signKey === undefined ? undefined : ed25519Sign(signKey)
  const partial = `${out}.part`
  const { steps, finalHash, reason } = rewriteRecording(recording, openFileSink(partial), { crc32: hostCrc32, digest: sha256, sign, compression: compress ? zstdCompression() : undefined })
  renameSync(partial, out)
  return { steps, finalHash, reason, bytesBefore: recording.source.size, bytes: openFile(out).source.size, signatureLost: recording.end?.publicKey !== undefined && sign === undefined }
}
