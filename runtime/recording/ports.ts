/** What the files of recordings need of the host, each a small function behind an interface: the core imports none of it. */
import type { Crc32 } from './crc32.ts'

/** Compresses and opens the records of chunks. */
export interface Compression {
  /** Its name in the container: 'zstd'. */
  readonly name: string
  compress(bytes: Uint8Array): Uint8Array
  /** Exactly `size` bytes; throws when `bytes` are not what {@link compress} made of so many. */
  decompress(bytes: Uint8Array, size: number): Uint8Array
}

/** A running SHA-256. */
export interface Digest {
  update(bytes: Uint8Array): void
  /** The digest of all that came, in 64 hex digits; nothing may come after. */
  finish(): string
}

/** A signature of a digest, and what checks it. */
export interface Signed {
  /** Ed25519 signature of the digest's 32 bytes, base64. */
  readonly signature: string
  /** The public key, SPKI, base64. */
  readonly publicKey: string
}

/** Signs a digest, given in hex digits. */
export type Sign = (sha256: string) => Signed

/** What reading a recording may need. */
export interface ReadPorts {
  /** For chunks that are compressed. */
  readonly compression?: Compression | undefined
  /** For the seal. */
  readonly digest?: (() => Digest) | undefined
  /** Whether a signature is that of a digest. */
  readonly isSigned?: ((sha256: string, signed: Signed) => boolean) | undefined
}

/** What writing a recording may need. */
export interface WritePorts {
  readonly crc32?: Crc32 | undefined
  /** Seals the recording. */
  readonly digest?: (() => Digest) | undefined
  /** Signs the seal. */
  readonly sign?: Sign | undefined
}
