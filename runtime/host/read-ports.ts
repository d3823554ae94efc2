import type { ReadPorts } from '../recording/ports.ts'
import { zstdCompression } from './compression.ts'
import { isSigned, sha256 } from './seal.ts'

/** What Node has for reading a recording: zstd for compressed chunks, SHA-256 and Ed25519 for its seal. */
export function hostReadPorts(): ReadPorts {
  return { compression: zstdCompression(), digest: sha256, isSigned }
}
