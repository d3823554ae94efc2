/** Exports of a recorded run to files that other tools read. */
import { MetabonkError, openRecording } from '../../actors/index.ts'
import type { Watch } from '../watched.ts'
import type { TableColumn, TableWriter } from './cells.ts'
import { contents, type Content, type Format } from './choices.ts'
import type { Camera, ExportJob, Stretch, WrittenFile } from './job.ts'
import { OutputFiles, type OutputFile } from '../output-files.ts'
import { extractOf } from './tables.ts'

/** What to export. */
export interface ExportOptions {
  readonly to: Format
  /** Path of the file; of several, each gets the name of its kind before the ending. */
  readonly out?: string | undefined
  /** First step. Default 0. */
  readonly from?: number | undefined
  /** No step after this one. Default: the last. */
  readonly until?: number | undefined
  readonly every?: number | undefined
  /** Names of kinds. Default: all. */
  readonly kind?: readonly string[] | undefined
  readonly what?: Content | undefined
  readonly cameras?: readonly Camera[] | undefined
  readonly force?: boolean | undefined
  readonly world?: string | undefined
}

/** What was exported. */
export interface Exported extends Stretch {
  readonly files: readonly WrittenFile[]
}

const endings: Readonly<Record<Format, string>> = { parquet: '.parquet', csv: '.csv', jsonl: '.jsonl', npz: '.npz', foxglove: '.foxglove.mcap' }

/** Where files go: the only one, or one of several by its name. */
function pathsOf(recording: string, { to, out, what = 'agents' }: ExportOptions): (name: string | undefined) => string {
  const ending = endings[to]
  if (out !== undefined) return (name) => (name === undefined ? out : `${out.endsWith(ending) ? out.slice(0, -ending.length) : out}.${name}${ending}`)
  const stem = recording.replace(/\.mcap$/, '')
  return (name) => (name === undefined ? `${stem}${what === 'agents' ? '' : `.${what}`}${ending}` : `${stem}.${what}.${name}${ending}`)
}

function refuse(what: string, where: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'usage', what, where, todo })
}

/** Refuses options that would have no meaning. */
function checkOptions({ to, what, kind, every, cameras }: ExportOptions): void {
  const isTable = to === 'parquet' || to === 'csv' || to === 'jsonl'
  if (!isTable && what !== undefined) throw refuse(`${to} holds what it holds`, '--what', 'leave --what out, or export to parquet, csv or jsonl')
  if (cameras !== undefined && to !== 'foxglove') throw refuse(`${to} holds no pictures`, '--camera', 'export to foxglove')
  if (kind !== undefined && what !== undefined && what !== 'agents') throw refuse(`${what} are not told apart by kind`, '--kind', 'leave --kind out')
  if (every !== undefined && what === 'inputs') throw refuse('inputs come when they come', '--every', 'leave --every out')
}

async function writerFor(to: Format): Promise<(file: OutputFile, columns: readonly TableColumn[]) => TableWriter> {
  if (to === 'parquet') return (await import('./parquet.ts')).parquetWriter
  return to === 'csv' ? (await import('./csv.ts')).csvWriter : (await import('./json-lines.ts')).jsonLinesWriter
}

async function exportTables({ run, request, outputs, watch }: ExportJob): Promise<WrittenFile[]> {
  const { from, until, every, content, kinds } = request
  const { tables, ofState, ofFile } = extractOf(run, content, request, kinds)
  const writerOf = await writerFor(request.to)
  const open = tables.map(({ name, columns }) => {
    const file = outputs.open(request.pathOf(tables.length > 1 ? name : undefined))
    return { file, writer: writerOf(file, columns), rows: 0 }
  })
  const put = (table: number, row: Parameters<TableWriter['write']>[0]): void => {
    open[table].writer.write(row)
    open[table].rows++
  }
  ofFile?.(put)
  if (ofState !== undefined) for await (const state of run.states({ ...watch, from, to: until, every })) ofState(state, put)
  return open.map(({ file, writer, rows }) => {
    writer.finish()
    file.close()
    return { path: file.path, rows, bytes: file.bytes }
  })
}

async function exporterFor(to: Format): Promise<(job: ExportJob) => Promise<WrittenFile[]>> {
  if (to === 'npz') return (await import('./npz.ts')).exportNpz
  return to === 'foxglove' ? (await import('./foxglove.ts')).exportFoxglove : exportTables
}

/**
 * Exports a recorded run. Memory holds one state and a bounded part of each file. The files appear when all of them are complete: an export
 * that fails, or is stopped, leaves nothing. Throws `usage` for kinds and steps that are not there and for files that are, `disk` for paths
 * that can't be written, and what opening and replaying a recording throws.
 */
export async function exportRecording(path: string, options: ExportOptions, watch: Watch): Promise<Exported> {
  checkOptions(options)
  const run = await openRecording(path, { world: options.world, cacheBytes: 0 })
  const { from = 0, until = run.steps, every = 1 } = options
  if (until > run.steps || from > until) throw refuse(`steps ${String(from)} to ${String(until)} are not in the recording`, path, `give steps from 0 to ${String(run.steps)}`)
  const exporter = await exporterFor(options.to)
  const outputs = new OutputFiles(path, options.force === true)
  try {
    const request = { to: options.to, from, until, every, kinds: options.kind, content: options.what ?? contents[0], cameras: options.cameras ?? [], pathOf: pathsOf(path, options) }
    const files = await exporter({ run, request, outputs, watch })
    outputs.commit()
    return { from, until, every, files }
  } catch (error) {
    outputs.discard()
    throw error
  }
}
