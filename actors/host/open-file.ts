import { hostCrc32, isSigned, openFileSource, sha256, zstdCompression } from '../../runtime/host/index.ts'
import { openRecording, type Recording } from '../../runtime/index.ts'

/** Opens a recording's file, compressed or not. Throws `recording-*` errors. */
export function openFile(path: string): Recording {
  return openRecording(openFileSource(path), hostCrc32, { compression: zstdCompression(), digest: sha256, isSigned })
}
