import { describeMachines, MetabonkError, prepareWorld, openRecording, recordingInfo, type KindStates, type MachineDescription } from '../../actors/index.ts'
import { dotOf } from '../charts/dot.ts'
import { mermaidOf } from '../charts/mermaid.ts'
import type { Log } from '../log.ts'
import { print, printRows } from '../output.ts'
import { watched } from '../watched.ts'

interface MachinesOptions {
  readonly kind?: string
  readonly mermaid?: boolean
  readonly dot?: boolean
  readonly counts?: string
  readonly step?: number
  readonly json?: boolean
}

type Row = readonly [name: string, value: string | number]

/** Those of one kind, or all. */
function ofKind<T extends { readonly kind: string }>(all: readonly T[], kind: string | undefined): readonly T[] {
  const found = all.filter((each) => kind === undefined || each.kind === kind)
  if (kind === undefined || found.length > 0) return found
  const kinds = all.map((each) => each.kind).join(', ')
  throw new MetabonkError({ code: 'usage', what: `there is no kind '${kind}' with a machine`, where: '--kind', todo: kinds === '' ? 'no kind of this world has one' : `choose from ${kinds}` })
}

function countText(count: number): string {
  return count < 1e9 ? String(count) : count.toExponential(1).replace('e+', 'e')
}

/** `5: 2 atomic, 2 compound, 1 final`. */
function statesText({ states }: MachineDescription): string {
  const types = ['atomic', 'compound', 'parallel', 'final', 'history'] as const
  const counts = types.map((type) => [states.filter((state) => state.type === type).length, type] as const).filter(([count]) => count > 0)
  return `${String(states.length)}: ${counts.map(([count, type]) => `${String(count)} ${type}`).join(', ')}`
}

function columnsText({ columns }: MachineDescription): string {
  const total = columns.reduce((sum, { bytes }) => sum + bytes, 0)
  return `${String(total)} bytes per agent: ${columns.map(({ name, bytes }) => `${name} ${String(bytes)}`).join(', ')}`
}

function machineRows(description: MachineDescription): Row[] {
  const { kind, machine, runs, configurations, events, timers, histories } = description
  return [
    [kind, `machine ${machine}, ${runs}`],
    ['  states', statesText(description)],
    ['  configurations', countText(configurations)],
    ['  events', events.join(', ') || 'none'],
    ['  timers', timers],
    ['  histories', histories],
    ['  columns', columnsText(description)],
  ]
}

function countRows({ kind, agents, states }: KindStates): Row[] {
  return [[kind, agents], ...states.map((each) => [`  ${each.state}`, each.agents] as const)]
}

/** What JSON takes: a chart with many regions has more configurations than a number holds. */
function plain(description: MachineDescription): object {
  const { configurations } = description
  return Number.isFinite(configurations) ? description : { ...description, configurations: String(configurations) }
}

async function showMachines(world: string, options: MachinesOptions, log: Log | undefined): Promise<void> {
  const { definition } = await prepareWorld(world)
  const machines = ofKind(describeMachines(definition), options.kind)
  log?.info({ world: definition.name, machines: machines.length }, 'machines')
  const draw = options.mermaid === true ? mermaidOf : options.dot === true ? dotOf : undefined
  if (options.json === true) print({ world: definition.name, machines: machines.map((each) => ({ ...plain(each), ...(draw === undefined ? {} : { diagram: draw(each) }) })) })
  else if (draw !== undefined) process.stdout.write(machines.map(draw).join('\n'))
  else printRows(machines.length === 0 ? [['none', `no kind of ${definition.name} has a machine`]] : machines.flatMap(machineRows))
}

async function showCounts(path: string, world: string | undefined, options: MachinesOptions, log: Log | undefined): Promise<void> {
  const step = options.step ?? recordingInfo(path).steps
  const { result: state } = await watched('seek', async (watch) => {
    log?.info({ path, step }, 'seek')
    const run = await openRecording(path, { world })
    return run.seek(step, watch)
  })
  const kinds = ofKind(state.states(), options.kind)
  if (options.json === true) print({ recording: path, step, finalHash: state.hash, kinds })
  else printRows([['step', step], ...kinds.flatMap(countRows), ['hash', state.hash]])
}

/** `metabonk debug machines [WORLD]`. */
export async function debugMachinesCommand(world: string | undefined, options: MachinesOptions, log: Log | undefined): Promise<void> {
  if (options.counts !== undefined) {
    await showCounts(options.counts, world, options, log)
    return
  }
  if (options.step !== undefined) throw new MetabonkError({ code: 'usage', what: 'there is no recording to look at', where: '--step', todo: 'add --counts RUN' })
  if (world === undefined) throw new MetabonkError({ code: 'usage', what: 'there is no world to look at', todo: 'give its name or path, or --counts RUN' })
  await showMachines(world, options, log)
}
