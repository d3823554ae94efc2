import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { hasPolicy } from '../../brain/index.ts'
import { frameOf, hasFrames, isBlack } from '../../compositor/index.ts'
import { hostKernels, makeFolder } from '../../runtime/host/index.ts'
import { MetabonkError, type KindType, type Recording } from '../../runtime/index.ts'
import { goThrough } from '../travel/events.ts'
import { Replica } from '../travel/replica.ts'
import { findInRecording } from './find.ts'
import { encodePng } from './png.ts'
import { openRun, stopped, type ReplayOptions } from './recorded.ts'

/** An agent, as the command line names it. */
interface AgentName {
  readonly kind: string
  readonly row: number
}

/** Options of {@link collectEvidence}. */
export interface EvidenceOptions extends ReplayOptions {
  /** The condition; see {@link findInRecording}. Default: any reward that is not 0. */
  readonly on?: string
  /** So many steps before and after are kept, too. Default 3. */
  readonly around?: number
  /** Folder for pictures and events; it is made. */
  readonly out: string
  /** Whose pictures to keep. Default: those of the agent that the condition holds for. */
  readonly agent?: AgentName
  /** Most moments to look at, the first ones. Default 100. */
  readonly most?: number
}

/** What was collected. */
export interface Evidence {
  readonly out: string
  /** Moments at which a condition newly held. */
  readonly moments: number
  /** There are more moments than were asked for. */
  readonly more: boolean
  /** File names of the pictures in `out`, by step. */
  readonly pictures: readonly string[]
  /** Pictures that were left out because they are black. */
  readonly black: number
  /** Lines of `events.jsonl` in `out`. */
  readonly events: number
}

const aroundDefault = 3
const mostDefault = 100
const hitsMost = 1_000_000

/** When something happened, and to whom. */
interface Moment extends AgentName {
  readonly step: number
}

/** Steps in a row to go through, with the moments that they are kept for. */
interface Window {
  readonly from: number
  to: number
  readonly moments: Moment[]
}

/**
 * Finds the steps of a recorded run at which a condition newly holds, replays around each, and writes what the agent concerned saw as PNG
 * pictures (`scout-3-step-000481.png`), and the events of those steps (`events.jsonl`). Black pictures are left out and counted: those whose mean luma is below 4 and
 * whose 99th percentile is below 16 of 255. Throws `usage` for a world without pictures, a condition that can't be asked, and an agent without a
 * camera; `disk` when the files can't be written.
 */
export async function collectEvidence(path: string, options: EvidenceOptions): Promise<Evidence> {
  const run = await openRun(path, options)
  const replica = new Replica(run, hostKernels())
  const { kinds, regions } = replica.state.program
  const seeing = kinds.filter((kind) => hasFrames(regions, kind, 'rgb'))
  if (seeing.length === 0) {
    throw new MetabonkError({ code: 'usage', what: `there are no pictures of the world ${run.definition.name}: no camera sees it`, where: path, todo: 'record a run with a scene and a camera: in the arena that is obs=pixels' })
  }
  if (options.agent !== undefined) checkAgent(options.agent, kinds, seeing)
  const found = await findMoments(path, { kinds, seeing }, options)
  const moments = found.slice(0, options.most ?? mostDefault)
  const collected = new Collection(options.out)
  for (const window of windowsAround(moments, options.around ?? aroundDefault, run.recording)) {
    for (const { step, events } of goThrough(replica, { from: window.from, to: window.to, drawn: true })) {
      if (options.signal?.aborted === true) throw stopped(path, step)
      for (const event of events) collected.addEvent(event)
      for (const agent of agentsAt(window, step, options.around ?? aroundDefault)) collected.addPicture(replica, agent)
      await breathe()
    }
  }
  return { out: options.out, moments: moments.length, more: found.length > moments.length, ...collected.finish() }
}

function checkAgent({ kind, row }: AgentName, kinds: readonly KindType[], seeing: readonly KindType[]): void {
  const found = kinds.find((each) => each.name === kind)
  const todo = `choose from ${seeing.map((each) => each.name).join(', ')}`
  if (found === undefined) throw new MetabonkError({ code: 'usage', what: `there is no kind '${kind}'`, where: '--agent', todo })
  if (!seeing.includes(found)) throw new MetabonkError({ code: 'usage', what: `no camera sees for ${kind}`, where: '--agent', todo })
  if (!(row >= 0 && row < found.rowsMax)) throw new MetabonkError({ code: 'usage', what: `${kind} has no row ${row}`, where: '--agent', todo: `give one below ${found.rowsMax}` })
}

interface Kinds {
  readonly kinds: readonly KindType[]
  readonly seeing: readonly KindType[]
}

/** All moments, by step. */
async function findMoments(path: string, { kinds, seeing }: Kinds, options: EvidenceOptions): Promise<Moment[]> {
  const { agent, on } = options
  const rewarded = kinds.filter((kind) => hasPolicy(kind) && (agent === undefined ? seeing.includes(kind) : agent.kind === kind.name))
  const conditions = on === undefined ? rewarded.map((kind) => `${kind.name}.reward != 0`) : [on]
  if (conditions.length === 0) throw new MetabonkError({ code: 'usage', what: 'nobody who is seen earns rewards', where: path, todo: 'say what to look for: --on EXPRESSION' })
  const moments: Moment[] = []
  for (const condition of conditions) {
    const { kind, hits } = await findInRecording(path, condition, { ...options, most: hitsMost })
    for (const { row, from } of hits) {
      if (agent !== undefined && (kind !== agent.kind || row === agent.row)) moments.push({ ...agent, step: from })
      else if (agent === undefined) moments.push({ ...seen(kind, seeing, condition), row, step: from })
    }
  }
  return moments.sort((a, b) => a.step - b.step || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.row - b.row))
}

/** The kind of the agents that a condition holds for, if these have pictures. */
function seen(kind: string | undefined, seeing: readonly KindType[], condition: string): { readonly kind: string } {
  if (kind !== undefined && seeing.some((each) => each.name === kind)) return { kind }
  const what = kind === undefined ? `'${condition}' is about no agent` : `no camera sees for ${kind}`
  throw new MetabonkError({ code: 'usage', what, where: '--on', todo: `say whose pictures to keep: --agent ${seeing[0].name}:0` })
}

/** The steps around the moments, those that overlap or touch joined. */
function windowsAround(moments: readonly Moment[], around: number, { first, steps }: Recording): Window[] {
  // What the first state of a part showed is in the part before.
  const firstSeen = first === 0 ? 0 : first + 1
  const windows: Window[] = []
  for (const moment of moments) {
    const from = Math.max(firstSeen, moment.step - around)
    const to = Math.min(steps, moment.step + around)
    if (from > to) continue
    const open = windows.at(-1)
    if (open !== undefined && from <= open.to + 1) {
      open.to = to
      open.moments.push(moment)
    } else windows.push({ from, to, moments: [moment] })
  }
  return windows
}

/** Whose pictures are kept at a step, each agent once. */
function agentsAt({ moments }: Window, step: number, around: number): AgentName[] {
  const near = moments.filter((each) => Math.abs(each.step - step) <= around)
  return near.filter(({ kind, row }, i) => near.findIndex((each) => each.kind === kind && each.row === row) === i)
}

/** A folder of pictures and events. */
class Collection {
  private readonly out: string
  private readonly pictures: string[] = []
  private readonly lines: string[] = []
  private black = 0

  constructor(out: string) {
    this.out = out
    attempt(out, () => {
      makeFolder(out)
    })
  }

  addEvent(event: object): void {
    this.lines.push(`${JSON.stringify(event)}\n`)
  }

  /** Keeps what an agent sees now, unless it does not live or sees only black. */
  addPicture({ state, step }: Replica, { kind, row }: AgentName): void {
    const table = state.tables.find((each) => each.kind.name === kind)
    if (table?.isAlive(row) !== true) return
    const { width, height, rgb } = frameOf(state.stages, table.kind, row, step)
    if (isBlack(rgb)) {
      this.black++
      return
    }
    const name = `${kind}-${row}-step-${String(step).padStart(6, '0')}.png`
    this.write(name, encodePng({ width, height, rgb }))
    this.pictures.push(name)
  }

  finish(): Pick<Evidence, 'pictures' | 'black' | 'events'> {
    this.write('events.jsonl', this.lines.join(''))
    return { pictures: this.pictures, black: this.black, events: this.lines.length }
  }

  private write(name: string, content: Uint8Array | string): void {
    const path = join(this.out, name)
    attempt(path, () => {
      writeFileSync(path, content)
    })
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    throw new MetabonkError({ code: 'disk', what: `evidence can't be written: ${cause instanceof Error ? cause.message : String(cause)}`, where: path, todo: 'choose another folder: --out DIR', cause })
  }
}
