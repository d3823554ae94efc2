import { MetabonkError } from '../errors.ts'
import { elementBytes } from '../slab/element.ts'
import type { Column, KindTable } from './table.ts'

/**
 * A keyframe: the whole state at a step as bytes. Columns hold rows 0 .. rows - 1 of live memory, NaN canonical.
 *
 *   magic u32 | version u32 | step f64 | dropped f64 | config bytes u32 | mail words u32 | config (padded to 8) | mail (padded to 8)
 *   then for each kind: rows u32 | alive u32 | refused u32 | 0 u32 | its columns, each padded to 8
 */
export interface StateParts {
  readonly step: number
  /** Messages dropped so far because their receiver was dead. */
  readonly dropped: number
  /** Live configuration as JSON text. */
  readonly config: string
  /** Undelivered mail in canonical order. */
  readonly mail: Uint32Array
}

const magic = 0x464b424d // 'MBKF'
const version = 1
const headBytes = 32

function pad8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

function columnBytes(column: Column, rows: number): number {
  return rows * column.type.width * elementBytes[column.type.dtype]
}

function stateBytes(tables: readonly KindTable[], configBytes: number, mailWords: number): number {
  let bytes = headBytes + pad8(configBytes) + pad8(mailWords * 4)
  for (const table of tables) {
    bytes += 16
    for (const column of table.columns) bytes += pad8(columnBytes(column, table.rows))
  }
  return bytes
}

/** Makes every NaN in the elements the canonical one, so that equal states are equal bytes. */
function canonicalise(column: Column, bytes: Uint8Array): void {
  if (column.hashClass === 0) return
  const floats = column.hashClass === 1 ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) : new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8)
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  for (let i = 0; i < floats.length; i++) {
    if (floats[i] === floats[i]) continue
    if (column.hashClass === 1) words[i] = 0x7fc00000
    else {
      words[2 * i] = 0
      words[2 * i + 1] = 0x7ff80000
    }
  }
}

/** Copies the state into bytes. */
export function writeKeyframe(tables: readonly KindTable[], parts: StateParts): Uint8Array {
  const config = new TextEncoder().encode(parts.config)
  const bytes = new Uint8Array(stateBytes(tables, config.length, parts.mail.length))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, version, true)
  view.setFloat64(8, parts.step, true)
  view.setFloat64(16, parts.dropped, true)
  view.setUint32(24, config.length, true)
  view.setUint32(28, parts.mail.length, true)
  bytes.set(config, headBytes)
  let at = headBytes + pad8(config.length)
  bytes.set(new Uint8Array(parts.mail.buffer, parts.mail.byteOffset, parts.mail.byteLength), at)
  at += pad8(parts.mail.byteLength)
  for (const table of tables) at = writeTable(table, bytes, view, at)
  return bytes
}

function writeTable(table: KindTable, bytes: Uint8Array, view: DataView, from: number): number {
  view.setUint32(from, table.rows, true)
  view.setUint32(from + 4, table.aliveCount, true)
  view.setUint32(from + 8, table.refused, true)
  let at = from + 16
  for (const column of table.columns) {
    const length = columnBytes(column, table.rows)
    const target = bytes.subarray(at, at + length)
    target.set(new Uint8Array(column.live.buffer, column.live.byteOffset, length))
    canonicalise(column, target)
    at += pad8(length)
  }
  return at
}

/** Why a keyframe is refused. */
export function brokenKeyframe(what: string): MetabonkError {
  return new MetabonkError({ code: 'recording-invalid', what: `a keyframe can't be restored: ${what}`, todo: 'use the world and configuration it was recorded with' })
}

/** Puts a keyframe's columns into the tables and returns the rest. Every length is checked before use. */
export function readKeyframe(tables: readonly KindTable[], bytes: Uint8Array): StateParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < headBytes || view.getUint32(0, true) !== magic) throw brokenKeyframe('it does not start as one')
  if (view.getUint32(4, true) !== version) throw brokenKeyframe(`its version ${view.getUint32(4, true)} is not ${version}`)
  const configBytes = view.getUint32(24, true)
  const mailWords = view.getUint32(28, true)
  const mailAt = headBytes + pad8(configBytes)
  let at = mailAt + pad8(mailWords * 4)
  if (at > bytes.length) throw brokenKeyframe('it is cut short')
  const mail = new Uint32Array(bytes.slice(mailAt, mailAt + mailWords * 4).buffer)
  for (const table of tables) at = readTable(table, bytes, view, at)
  if (at !== bytes.length) throw brokenKeyframe('it is longer than the state')
  const [step, dropped] = [view.getFloat64(8, true), view.getFloat64(16, true)]
  for (const count of [step, dropped]) if (!(Number.isSafeInteger(count) && count >= 0)) throw brokenKeyframe(`its step or count of dropped mail is ${count}`)
  return {
    step,
    dropped,
    config: new TextDecoder().decode(bytes.slice(headBytes, headBytes + configBytes)),
    mail,
  }
}

function readTable(table: KindTable, bytes: Uint8Array, view: DataView, from: number): number {
  if (from + 16 > bytes.length) throw brokenKeyframe('it is cut short')
  const rows = view.getUint32(from, true)
  if (rows > table.kind.rowsMax) throw brokenKeyframe(`${rows} rows of ${table.kind.name} are more than rowsMax`)
  const before = table.rows
  let at = from + 16
  for (const column of table.columns) {
    const length = columnBytes(column, rows)
    if (at + length > bytes.length) throw brokenKeyframe('it is cut short')
    const target = new Uint8Array(column.live.buffer, column.live.byteOffset, Math.max(length, columnBytes(column, before)))
    target.set(bytes.subarray(at, at + length))
    target.fill(0, length)
    at += pad8(length)
  }
  const alive = table.alive.subarray(0, rows).reduce((count, flag) => count + flag, 0)
  if (alive !== view.getUint32(from + 4, true)) throw brokenKeyframe(`${alive} rows of ${table.kind.name} are alive, not ${view.getUint32(from + 4, true)}`)
  table.restoreCounters(rows, alive, view.getUint32(from + 8, true))
  table.markAllDirty()
  return at
}
