import { MetabonkError } from '../errors.ts'
import type { Crc32 } from './crc32.ts'
import { endName, sealJson } from './manifest.ts'
import type { RecordingEnd } from './manifest.ts'
import type { McapReader } from './mcap-reader.ts'
import type { ByteSource } from './piecewise.ts'
import type { McapWriter } from './mcap-writer.ts'
import type { ReadPorts, Sign } from './ports.ts'

/** What seals a recording: its digest, and the key it was signed with. */
export interface Seal {
  readonly sha256: string
  readonly publicKey: string | undefined
}

/** Bytes read at a time. */
const pieceBytes = 1024 * 1024

/** Hands the bytes of a file before `end` over, piece by piece. */
export function eachPiece(source: ByteSource, end: number, visit: (bytes: Uint8Array) => void): void {
  for (let at = 0; at < end; at += pieceBytes) visit(source.read(at, Math.min(pieceBytes, end - at)))
}

function broken(what: string, where: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'recording-invalid', what, where, todo })
}

/** What a seal is checked on. */
interface Sealed {
  readonly source: ByteSource
  readonly mcap: McapReader
  readonly end: RecordingEnd | undefined
}

/** Checks the seal of a recording; see there. */
export function checkSeal({ source, mcap, end }: Sealed, ports: ReadPorts, publicKey?: string): Seal | undefined {
  const endAt = mcap.metadataSpans.find(({ name }) => name === endName)?.offset
  if (end?.sha256 === undefined || endAt === undefined || ports.digest === undefined) {
    if (publicKey === undefined) return undefined
    throw broken('recording has no seal', source.name, 'use the recording as it was sealed')
  }
  const digest = ports.digest()
  eachPiece(source, endAt, (bytes) => { digest.update(bytes) })
  if (digest.finish() !== end.sha256) throw broken('seal is broken: the file has other bytes than its digest says', source.name, 'use an undamaged copy')
  return { sha256: end.sha256, publicKey: checkSignature(source.name, end, ports, publicKey) }
}

/** The key that a digest was signed with, where it was. */
function checkSignature(file: string, { sha256 = '', signature, publicKey }: RecordingEnd, ports: ReadPorts, expected: string | undefined): string | undefined {
  if (expected !== undefined && publicKey !== expected) {
    throw broken(publicKey === undefined ? 'seal is not signed' : 'seal is signed with another key', file, 'ask for the recording signed with the key you gave')
  }
  if (signature === undefined || publicKey === undefined) return undefined
  if (ports.isSigned?.(sha256, { signature, publicKey }) === true) return publicKey
  throw broken('signature of the seal is not of this recording', file, 'do not trust it: ask its author for the original')
}

/** Writes the end record, sealed and signed where the writer takes a digest; gives that. */
export function writeEnd(mcap: McapWriter, end: RecordingEnd, ports: { readonly crc32: Crc32; readonly sign: Sign | undefined }): string | undefined {
  const sha256 = mcap.takeDigest()
  const seal = sha256 === undefined ? {} : { sha256, ...ports.sign?.(sha256) }
  mcap.metadata(endName, sealJson({ ...end, ...seal }, ports.crc32))
  return sha256
}
