/** A run as an MCAP file of messages that Foxglove draws. */
import { encodePng, MetabonkError, type RecordedKind, type RecordedRun, type RecordedState, type RecordedTable } from '../../actors/index.ts'
import { hostCrc32 } from '../../runtime/host/index.ts'
import { exactJson, McapWriter, stepNanosOf, type ByteSink } from '../../runtime/index.ts'
import { foxgloveSchemas } from './foxglove-schemas.ts'
import type { Camera, ExportJob, WrittenFile } from './job.ts'
import type { OutputFile } from '../output-files.ts'
import { kindsNamed } from './tables.ts'

type SchemaName = keyof typeof foxgloveSchemas
type Channel = ReturnType<McapWriter['addChannel']>

/** Size at which a chunk is closed. */
const chunkBytes = 1 << 20

/** Agents of a kind are drawn in blocks of rows, so that no message is too large. */
const rowsPerEntity = 8192
/** Milliseconds of a step where the world does not say. */
const stepMillisDefault = 100
/** An agent's ball, in parts of the shorter edge of the space. */
const ballSize = 0.01
const logInfo = 2
const frameId = 'world'

/** Colours of kinds in their order, told apart by everybody (Okabe and Ito). */
const colors = [
  [0.9, 0.62, 0], [0.34, 0.71, 0.91], [0, 0.62, 0.45], [0.94, 0.89, 0.26], [0, 0.45, 0.7], [0.84, 0.37, 0], [0.8, 0.47, 0.65], [0.6, 0.6, 0.6],
] as const

/** A kind that can be drawn: it is somewhere. */
interface DrawnKind {
  readonly name: string
  readonly color: { readonly r: number; readonly g: number; readonly b: number; readonly a: number }
}

interface Timestamp {
  readonly sec: number
  readonly nsec: number
}

/** The messages of an export, as a container takes them. */
class Messages {
  /** Messages written so far. */
  count = 0
  private readonly writer: McapWriter
  private readonly chunk: ReturnType<McapWriter['openChunk']>
  private readonly nanos: number
  private readonly schemas = new Map<SchemaName, number>()

  constructor(file: OutputFile, stepMillis: number) {
    this.nanos = stepNanosOf(stepMillis > 0 ? stepMillis : stepMillisDefault)
    const sink: ByteSink = {
      write: (bytes) => {
        file.write(bytes)
      },
      sync: () => undefined,
      close: () => undefined,
      discard: () => undefined,
    }
    this.writer = new McapWriter(sink, { profile: '', library: 'metabonk', stepNanos: this.nanos, crc32: hostCrc32 })
    this.chunk = this.writer.openChunk()
  }

  channel(topic: string, schema: SchemaName): Channel {
    const known = this.schemas.get(schema) ?? this.writer.addSchema(schema, 'jsonschema', new TextEncoder().encode(JSON.stringify(foxgloveSchemas[schema])))
    this.schemas.set(schema, known)
    return this.writer.addChannel(this.chunk, { schema: known, topic, encoding: 'json', metadata: new Map() })
  }

  /** The time a step stands for. */
  at(step: number): Timestamp {
    const nanos = BigInt(step) * BigInt(this.nanos)
    return { sec: Number(nanos / 1_000_000_000n), nsec: Number(nanos % 1_000_000_000n) }
  }

  put(channel: Channel, step: number, message: object): void {
    const bytes = new TextEncoder().encode(JSON.stringify(message))
    const { chunk, writer } = this
    chunk.begin(channel, this.count >>> 0, step, bytes.length)
    const at = chunk.extend(bytes.length)
    chunk.bytes.set(bytes, at)
    chunk.mark()
    if (chunk.end >= chunkBytes) writer.close(chunk)
    this.count++
  }

  finish(): void {
    this.writer.close(this.chunk)
    this.writer.finish()
  }
}

/** Those with a place `at`: the others can't be drawn. */
function drawnKinds(kinds: readonly RecordedKind[]): DrawnKind[] {
  return kinds.flatMap(({ type }, i) => {
    const place = type.plan.find(({ name }) => name === 'at')
    if (place?.type.form !== 'vec' || place.type.width < 2) return []
    const [r, g, b] = colors[i % colors.length]
    return [{ name: type.name, color: { r, g, b, a: 1 } }]
  })
}

/** Balls for the live agents of some rows; whoever is nowhere is not drawn. */
function ballsOf({ rows, alive, columns }: RecordedTable, { color }: DrawnKind, { begin, edge }: { readonly begin: number; readonly edge: number }): object[] {
  const place = columns.find(({ name }) => name === 'at')
  if (place === undefined) return []
  const { values, type } = place
  const balls: object[] = []
  const size = { x: edge, y: edge, z: edge }
  const orientation = { x: 0, y: 0, z: 0, w: 1 }
  for (let row = begin; row < Math.min(rows, begin + rowsPerEntity); row++) {
    const [x, y, z = 0] = values.subarray(row * type.width, (row + 1) * type.width)
    if (alive[row] === 1 && [x, y, z].every(Number.isFinite)) balls.push({ pose: { position: { x, y, z }, orientation }, size, color })
  }
  return balls
}

function entityOf(id: string, timestamp: Timestamp, spheres: readonly object[]): object {
  const none = { arrows: [], cubes: [], cylinders: [], lines: [], triangles: [], texts: [], models: [] }
  return { timestamp, frame_id: frameId, id, lifetime: { sec: 0, nsec: 0 }, frame_locked: false, metadata: [], ...none, spheres }
}

/** Puts the agents of a state, each block of them in the place of what it was before. */
function putAgents(messages: Messages, channel: Channel, state: RecordedState, { kinds, edge }: { readonly kinds: readonly DrawnKind[]; readonly edge: number }): void {
  const timestamp = messages.at(state.step)
  for (const kind of kinds) {
    const table = state.table(kind.name)
    for (let begin = 0; begin < table.rows; begin += rowsPerEntity) {
      const entity = entityOf(begin === 0 ? kind.name : `${kind.name} from ${String(begin)}`, timestamp, ballsOf(table, kind, { begin, edge }))
      messages.put(channel, state.step, { deletions: [], entities: [entity] })
    }
  }
}

function checkCameras(run: RecordedRun, cameras: readonly Camera[]): void {
  for (const { kind, row } of cameras) {
    const known = run.kinds.filter(({ hasCamera }) => hasCamera)
    const found = known.find(({ type }) => type.name === kind)?.type
    if (found === undefined) throw new MetabonkError({ code: 'usage', what: `agents of kind '${kind}' have no camera`, where: '--camera', todo: known.length === 0 ? 'this world draws no pictures' : `choose from ${known.map(({ type }) => type.name).join(', ')}` })
    if (row >= found.rowsMax) throw new MetabonkError({ code: 'usage', what: `kind '${kind}' has no row ${String(row)}`, where: '--camera', todo: `give one below ${String(found.rowsMax)}` })
  }
}

/** Puts what the agent's camera saw, while it lives. */
function putPicture(messages: Messages, channel: Channel, state: RecordedState, { kind, row }: Camera): void {
  if (state.table(kind).alive[row] !== 1) return
  const { width, height, rgb } = state.picture(kind, row)
  messages.put(channel, state.step, { timestamp: messages.at(state.step), frame_id: `${kind}[${String(row)}]`, data: Buffer.from(encodePng({ width, height, rgb })).toString('base64'), format: 'png' })
}

/** Writes the messages of a run in the order of its steps. */
export async function exportFoxglove({ run, request, outputs, watch }: ExportJob): Promise<WrittenFile[]> {
  const { from, until, every, cameras } = request
  checkCameras(run, cameras)
  const drawn = drawnKinds(kindsNamed(run.kinds, request.kinds))
  const path = request.pathOf(undefined)
  const file = outputs.open(path)
  const messages = new Messages(file, run.manifest.stepMillis)
  const agents = messages.channel('/agents', 'foxglove.SceneUpdate')
  const log = messages.channel('/log', 'foxglove.Log')
  const pictures = cameras.map((camera) => ({ camera, channel: messages.channel(`/camera/${camera.kind}/${String(camera.row)}`, 'foxglove.CompressedImage') }))
  const edge = ballSize * Math.min(run.space.width, run.space.height)
  let next = run.inputs.findIndex(({ step }) => step >= from)
  const putInputs = (to: number): void => {
    for (; next >= 0 && next < run.inputs.length && run.inputs[next].step <= to; next++) {
      const { step, source, input } = run.inputs[next]
      messages.put(log, step, { timestamp: messages.at(step), level: logInfo, message: exactJson(input), name: `source ${String(source)}`, file: '', line: 0 })
    }
  }
  for await (const state of run.states({ ...watch, from, to: until, every, drawn: cameras.length > 0 })) {
    putInputs(state.step)
    putAgents(messages, agents, state, { kinds: drawn, edge })
    for (const { camera, channel } of pictures) putPicture(messages, channel, state, camera)
  }
  putInputs(until)
  messages.finish()
  return [{ path, rows: messages.count, bytes: file.bytes }]
}
