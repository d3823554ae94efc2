import { MetabonkError } from '../errors.ts'
import { exactJson, parseExactJson } from '../exact-json.ts'
import { contractVersion } from '../limits.ts'
import type { Crc32 } from './crc32.ts'

/** Everything needed to run a recorded simulation again; the first record of a recording. */
export interface RecordingManifest {
  /** Version of the numerics contract; another one than this package's is refused. */
  readonly contract: number
  readonly world: string
  /** Name of a built-in world, or the path of the world's file from the folder of the recording. */
  readonly worldSource: string
  readonly codeHash: string
  readonly config: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly stepMillis: number
  /** Hash of the state's layout. */
  readonly layout: string
  /** The hashed columns; their places are the column ids of the hash records. */
  readonly columns: readonly { readonly kind: string; readonly column: string }[]
  readonly versions: { readonly metabonk: string; readonly xstate: string; readonly node: string }
  readonly workers: number
  /** The run was to end before this step; without it, when somebody stops it. */
  readonly until?: number
  /** What a fork comes from: the states up to `step` are those of that recording. */
  /** The first state it holds, which it has as a keyframe; without it, state 0. */
  readonly first?: number
  /** The recording whose last state is the first of this one: the part before, of a run that is recorded in parts. */
  readonly follows?: PartBefore
  readonly parent?: { readonly recording: string; readonly step: number; readonly hash: string }
}

/** The part of a run that another one follows. */
export interface PartBefore {
  /** Number of the part that follows; the first part of a run has number 0. */
  readonly part: number
  /** Name of the file, which lies in the same folder. */
  readonly recording: string
  /** The digest it was sealed with. */
  readonly sha256: string
}

/** How a recording ended. */
export interface RecordingEnd {
  /** The last hashed step. */
  readonly steps: number
  readonly finalHash: string
  readonly reason: string
  /** Name of the file in which the run goes on, when it is recorded in parts. */
  readonly next?: string
  /** Messages of streams that were dropped because the recorder was behind, by topic. */
  readonly dropped?: Readonly<Record<string, number>>
  /** SHA-256 of every byte of the file before this record, 64 hex digits. */
  readonly sha256?: string
  /** Ed25519 signature of that digest, and the key that checks it (SPKI), both base64. */
  readonly signature?: string
  readonly publicKey?: string
}

/** A channel beside hashes, inputs and keyframes; its messages are not needed to run the recording again. */
export interface StreamDeclaration {
  readonly topic: string
  /** Encoding of the messages: 'json', 'protobuf' and so on. */
  readonly encoding: string
  readonly schemaName: string
  /** Encoding of the schema: 'jsonschema', 'protobuf' and so on; empty when there is none. */
  readonly schemaEncoding: string
  readonly schema: string
  /** Its messages are dropped and counted, instead of waited with, while the recorder is behind. */
  readonly droppable?: boolean
}

/** What a running simulation writes its recording to: a file in this thread, or the feed of the recorder thread. */
export interface RecordingTarget {
  /**
   * Hash of state `step`: root as two u32, then `changedCount` triples (column id, low, high) in `changed` for the columns that
   * changed, by column. Steps ascend from 0 without a gap.
   */
  hash(step: number, lo: number, hi: number, changed: Uint32Array, changedCount: number): void
  /** An input applied before step `step`; `sequence` is a u32 that orders the inputs of one step. */
  input(step: number, sequence: number, bytes: Uint8Array): void
  /** The state `step` as opaque bytes. */
  keyframe(step: number, bytes: Uint8Array): void
  /** A file to carry along, such as a source of the world. */
  attach(name: string, mediaType: string, bytes: Uint8Array): void
  /** Declares a channel beside the fixed ones; returns its id for {@link message}. */
  stream(declaration: StreamDeclaration): number
  /** A message of a stream; its time is that of `step`, and `sequence`, a u32, tells those of one step apart. */
  message(stream: number, step: number, sequence: number, bytes: Uint8Array): void
  /** So many messages of a stream were dropped. */
  dropped(stream: number, count: number): void
  /** Makes everything before it readable, should the process die. */
  flush(): void
  /** Ends the recording. */
  close(end: RecordingEnd): void
}

/** Profile and library of the container's header. */
export const recordingProfile = 'metabonk'
/** Encoding of messages and of schema texts. */
export const recordingEncoding = 'metabonk'
export const manifestName = 'metabonk.manifest'
export const endName = 'metabonk.end'
/** Says until where a run goes that was gone on with; the last one counts, and more than the manifest. */
export const planName = 'metabonk.plan'

/** Version of the file format: what the channels hold. */
const recordingFormat = 3

/** The channels of the profile. All numbers are little-endian; every message starts with its step. */
export const recordingChannels = {
  hashes: 'first step f64; steps u32; bytes of the sets u32; root low u32, high u32 of each step; the sets of columns that changed in each, ' +
    'as bits of an adaptive range coder; low u32, high u32 of each column of the sets',
  inputs: 'step f64; sequence u32; then the bytes of the input',
  keyframes: 'step f64; then the bytes of the state',
} as const

export type RecordingChannel = keyof typeof recordingChannels

/**
 * Nanoseconds of container time per step: the step's own time, between one nanosecond and one second. A longer step is drawn
 * as one second, so that 64 bits of nanoseconds last for 18 thousand million steps.
 */
export function stepNanosOf(stepMillis: number): number {
  return Math.max(1, Math.min(1e9, Math.round(stepMillis * 1e6)))
}

/** The manifest as metadata entries. */
export function sealManifest(manifest: RecordingManifest, crc32: Crc32): ReadonlyMap<string, string> {
  return sealJson({ ...manifest, format: recordingFormat }, crc32)
}

/** Metadata of a channel: a checksum of all that is declared of it, since the container itself has none. */
export function channelSeal(id: number, parts: Omit<StreamDeclaration, 'droppable'>, crc32: Crc32): ReadonlyMap<string, string> {
  const { topic, encoding, schemaName, schemaEncoding, schema } = parts
  return new Map([['crc32', checksumText(JSON.stringify([id, topic, encoding, schemaName, schemaEncoding, schema]), crc32)]])
}

/** A value as metadata entries: JSON text and its checksum, since the container itself has none for metadata. */
export function sealJson(value: object, crc32: Crc32): ReadonlyMap<string, string> {
  const json = exactJson(value)
  return new Map([['json', json], ['crc32', checksumText(json, crc32)]])
}

function checksumText(json: string, crc32: Crc32): string {
  return crc32(new TextEncoder().encode(json), 0).toString(16).padStart(8, '0')
}

function unsealJson(name: string, sealed: ReadonlyMap<string, string>, crc32: Crc32): Record<string, unknown> {
  const json = sealed.get('json') ?? ''
  if (sealed.get('crc32') !== checksumText(json, crc32)) {
    throw damaged(`record '${name}' is damaged: its checksum does not match`)
  }
  const value = parseJson(json)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged(`record '${name}' holds no JSON object`)
  return value as Record<string, unknown>
}

function parseJson(json: string): unknown {
  try {
    return parseExactJson(json)
  } catch {
    return undefined
  }
}

/** Reads a manifest; refuses another format and another contract before it looks at anything else. */
export function unsealManifest(sealed: ReadonlyMap<string, string>, crc32: Crc32): RecordingManifest {
  const fields = unsealJson(manifestName, sealed, crc32)
  const { format = 1, ...rest } = fields
  if (format !== recordingFormat) {
    throw new MetabonkError({
      code: 'recording-contract',
      what: `recording is of file format ${JSON.stringify(format)}, this package reads format ${String(recordingFormat)}`,
      todo: 'read it with the version of metabonk that wrote it, or record the run again',
    })
  }
  if (fields['contract'] !== contractVersion) {
    throw new MetabonkError({
      code: 'recording-contract',
      what: `recording follows numerics contract ${JSON.stringify(fields['contract'])}, this package follows contract ${String(contractVersion)}`,
      todo: 'replay it with a version of metabonk of the same contract',
    })
  }
  requireFields(manifestName, fields, manifestFields)
  if (isObject(rest['follows'])) requireFields(`${manifestName} follows`, rest['follows'], followsFields)
  requireFields(`${manifestName} versions`, fields['versions'] as Record<string, unknown>, versionFields)
  for (const column of fields['columns'] as unknown[]) {
    if (!isObject(column)) throw damaged(`field 'columns' of '${manifestName}' holds something else than columns`)
    requireFields(`${manifestName} columns`, column, columnFields)
  }
  return rest as unknown as RecordingManifest
}

/** Until where a run goes, by a record of its plan. */
export function unsealPlan(sealed: ReadonlyMap<string, string>, crc32: Crc32): number {
  const fields = unsealJson(planName, sealed, crc32)
  requireFields(planName, fields, [['until', 'a step', isStep]])
  return fields['until'] as number
}

export function unsealEnd(sealed: ReadonlyMap<string, string>, crc32: Crc32): RecordingEnd {
  const fields = unsealJson(endName, sealed, crc32)
  requireFields(endName, fields, endFields)
  return fields as unknown as RecordingEnd
}

type FieldCheck = readonly [field: string, kind: string, holds: (value: unknown) => boolean]

const isString = (value: unknown): boolean => typeof value === 'string'
const isStep = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isNumber = (value: unknown): boolean => typeof value === 'number'
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const manifestFields: readonly FieldCheck[] = [
  ...['world', 'worldSource', 'codeHash', 'layout'].map((field): FieldCheck => [field, 'a string', isString]),
  ...['seed', 'workers'].map((field): FieldCheck => [field, 'a number', isNumber]),
  ['stepMillis', 'a number above 0', (value) => typeof value === 'number' && value > 0],
  ...['config', 'versions'].map((field): FieldCheck => [field, 'an object', isObject]),
  ['columns', 'a list', (value) => Array.isArray(value)],
  ['first', 'a step', (value) => value === undefined || isStep(value)],
  ['follows', 'an object', (value) => value === undefined || isObject(value)],
]
const followsFields: readonly FieldCheck[] = [
  ['part', 'a number from 1', (value) => isStep(value) && value > 0],
  ...['recording', 'sha256'].map((field): FieldCheck => [field, 'a string', isString]),
]
const versionFields = ['metabonk', 'xstate', 'node'].map((field): FieldCheck => [field, 'a string', isString])
const columnFields = ['kind', 'column'].map((field): FieldCheck => [field, 'a string', isString])
const endFields: readonly FieldCheck[] = [
  ['steps', 'a step', isStep],
  ...['finalHash', 'reason'].map((field): FieldCheck => [field, 'a string', isString]),
  ...['next', 'sha256', 'signature', 'publicKey'].map((field): FieldCheck => [field, 'a string', (value) => value === undefined || isString(value)]),
  ['dropped', 'a count by topic', (value) => value === undefined || (isObject(value) && Object.values(value).every(isNumber))],
]

function requireFields(name: string, fields: Record<string, unknown>, checks: readonly FieldCheck[]): void {
  for (const [field, kind, holds] of checks) {
    if (!holds(fields[field])) throw damaged(`field '${field}' of '${name}' is not ${kind}`)
  }
}

function damaged(what: string): MetabonkError {
  return new MetabonkError({ code: 'recording-invalid', what, todo: 'record the run again' })
}
