/** What policies took in and did, as an archive of NumPy arrays. */
import { Zip, ZipPassThrough } from 'fflate'
import { MetabonkError, type RecordedKind, type RecordedRun, type RecordedState } from '../../actors/index.ts'
import type { KindType } from '../../runtime/index.ts'
import type { ExportJob, WrittenFile } from './job.ts'
import { npyBytes, npyHead, type NpyType } from './npy.ts'
import type { OutputFile } from '../output-files.ts'
import { kindsNamed } from './tables.ts'

/** An array of the archive: one slice for each step. */
interface NpzArray {
  readonly name: string
  readonly type: NpyType
  /** Extents of a slice. */
  readonly shape: readonly number[]
  /** Fills the bytes of a slice, which are zero before. */
  readonly fill: (state: RecordedState, slice: Uint8Array) => void
}

/** Above this an archive needs what not everybody reads (zip64). */
const archiveBytesMax = 0xffff_ffff

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Copies what live rows hold; the others stay zero. */
function copyLive(state: RecordedState, kind: string, values: ArrayBufferView, { bytes, slice }: { readonly bytes: number; readonly slice: Uint8Array }): void {
  const { rows, alive } = state.table(kind)
  const from = bytesOf(values)
  for (let row = 0; row < rows; row++) if (alive[row] === 1) slice.set(from.subarray(row * bytes, (row + 1) * bytes), row * bytes)
}

function columnArray(type: KindType, column: string, name: string, form: { readonly type: NpyType; readonly shape: readonly number[] }): NpzArray {
  return {
    name: `${type.name}_${name}`,
    ...form,
    fill: (state, slice) => {
      const { columns } = state.table(type.name)
      const found = columns.find((each) => each.name === column)
      if (found !== undefined) copyLive(state, type.name, found.values, { bytes: found.type.width * found.values.BYTES_PER_ELEMENT, slice })
    },
  }
}

const policyTypes: Readonly<Record<'f32' | 'u16' | 'u8', NpyType>> = { f32: '<f4', u16: '<u2', u8: '|u1' }

/** The arrays of a kind with a policy, for so many rows. */
function arraysOf({ type, isObserved }: RecordedKind, rows: number): NpzArray[] {
  const { policy, name } = type
  if (policy === undefined) return []
  const { observation, action } = policy
  const elements = observation.shape.reduce((product, extent) => product * extent, 1)
  const observations: NpzArray = {
    name: `${name}_observations`,
    type: '<f4',
    shape: [rows, ...observation.shape],
    fill: (state, slice) => {
      copyLive(state, name, state.observations(name), { bytes: 4 * elements, slice })
    },
  }
  const flag = { type: '|b1', shape: [rows] } as const
  return [
    ...(isObserved ? [observations] : []),
    columnArray(type, 'action', 'actions', { type: policyTypes[action.dtype], shape: [rows, ...action.shape] }),
    columnArray(type, 'reward', 'rewards', { type: '<f4', shape: [rows] }),
    columnArray(type, 'terminated', 'terminated', flag),
    columnArray(type, 'truncated', 'truncated', flag),
    {
      name: `${name}_alive`,
      ...flag,
      fill: (state, slice) => {
        const table = state.table(name)
        slice.set(table.alive.subarray(0, table.rows))
      },
    },
  ]
}

const stepsArray: NpzArray = {
  name: 'steps',
  type: '<i8',
  shape: [],
  fill: (state, slice) => {
    slice.set(bytesOf(BigInt64Array.of(BigInt(state.step))))
  },
}

function sliceBytes({ type, shape }: NpzArray): number {
  return shape.reduce((product, extent) => product * extent, npyBytes[type])
}

/** Rows that the kinds have used by the last step: never fewer than before. */
async function rowsUsed({ run, watch: { signal } }: ExportJob, kinds: readonly RecordedKind[], last: number): Promise<number[]> {
  const state = await run.seek(last, { signal })
  return kinds.map(({ type }) => state.table(type.name).rows)
}

function policyKinds(run: RecordedRun, names: readonly string[] | undefined): RecordedKind[] {
  const kinds = kindsNamed(run.kinds, names)
  const other = kinds.find(({ type }) => type.policy === undefined)
  if (names !== undefined && other !== undefined) throw new MetabonkError({ code: 'usage', what: `kind '${other.type.name}' has no policy`, where: '--kind', todo: 'export its columns as parquet, csv or jsonl' })
  const found = kinds.filter(({ type }) => type.policy !== undefined)
  if (found.length === 0) throw new MetabonkError({ code: 'usage', what: 'no kind of this world has a policy', where: '--to npz', todo: 'export its columns as parquet, csv or jsonl' })
  return found
}

/** Writes the arrays side by side in files of their own, then packs them: no more than one slice of each is held. */
export async function exportNpz(job: ExportJob): Promise<WrittenFile[]> {
  const { run, request, outputs, watch } = job
  const { from, until, every } = request
  const kinds = policyKinds(run, request.kinds)
  const steps = Math.floor((until - from) / every) + 1
  const rows = await rowsUsed(job, kinds, from + (steps - 1) * every)
  const arrays = [stepsArray, ...kinds.flatMap((kind, i) => arraysOf(kind, rows[i]))]
  const bytes = arrays.reduce((sum, array) => sum + steps * sliceBytes(array) + 512, 0)
  if (bytes > archiveBytesMax) throw new MetabonkError({ code: 'limit', what: `the arrays have ${String(bytes)} bytes, and an archive holds 4 GiB`, where: '--to npz', todo: 'export fewer steps (--from, --until, --every) or kinds (--kind)' })
  const path = request.pathOf(undefined)
  const archive = outputs.open(path)
  const parts = arrays.map((array) => {
    const file = outputs.scratch(`${path}.${array.name}`)
    file.write(npyHead(array.type, [steps, ...array.shape]))
    return { array, file, slice: new Uint8Array(sliceBytes(array)) }
  })
  let lives = 0
  for await (const state of run.states({ ...watch, from, to: until, every, drawn: true })) {
    for (const { array, file, slice } of parts) {
      slice.fill(0)
      array.fill(state, slice)
      file.write(slice)
    }
    for (const { type } of kinds) lives += state.agents[type.name]
  }
  pack(archive, parts)
  return [{ path, rows: lives, bytes: archive.bytes }]
}

function pack(archive: OutputFile, parts: readonly { readonly array: NpzArray; readonly file: OutputFile }[]): void {
  const zip = new Zip((fault, bytes) => {
    if (fault !== null) throw fault
    archive.write(bytes)
  })
  for (const { array, file } of parts) {
    const entry = new ZipPassThrough(`${array.name}.npy`)
    // The time of a file is no part of what was recorded: the same run gives the same bytes.
    entry.mtime = new Date(1980, 0, 1)
    zip.add(entry)
    for (const piece of file.pieces()) entry.push(piece)
    entry.push(new Uint8Array(0), true)
  }
  zip.end()
}
