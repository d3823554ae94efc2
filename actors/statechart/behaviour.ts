import type { AnyStateMachine, StateValue } from 'xstate'
import { f64, hiddenWords, limits, u8, MetabonkError, vec, type Behaviour, type ColumnPlan, type KindTable, type KindType } from '../../runtime/index.ts'
import { readChart, type Chart } from './chart.ts'
import { watching } from './checked.ts'
import { compiledMachine, tableLimits, type Programs, type TableLimits } from './compiled.ts'
import { Configurations, leafNames, type Configuration } from './configuration.ts'
import { InterpretedMachine } from './interpreted.ts'
import { MachineStates } from './state-reader.ts'

/**
 * How machines are run, all with the same bits: by tables over columns; so with every function watched, which is slow; or by XState itself, which is slower
 * still.
 */
export type Executor = 'compiled' | 'watched' | 'interpreted'

/** How a run's machines are run: a check watches them, unless it is told otherwise. */
export function executorOf({ machines, check }: { readonly machines?: Executor | undefined; readonly check?: boolean | undefined }): Executor {
  return machines ?? (check === true ? 'watched' : 'compiled')
}

/** A behaviour that runs an XState machine, and what its states are called. */
export interface MachineBehaviour extends Behaviour {
  readonly chart: Chart
  readonly executor: Executor
  states(table: KindTable): MachineStates
}

/** What a machine keeps in one column is a vector, and those have a greatest length. */
function checkWidths({ machine, space, timers, histories }: Chart): void {
  const refuse = (what: string, most: number): MetabonkError => new MetabonkError({ code: 'machine', what: `machine ${machine.id} has ${what}`, todo: `keep it to ${most}, or split the machine in two kinds` })
  if (timers.size > limits.vectorMax) throw refuse(`${timers.size} delays in after`, limits.vectorMax)
  if (histories.length * space.setWords > limits.vectorMax) throw refuse(`${histories.length} histories of ${space.nodes.length} states`, Math.floor(limits.vectorMax / space.setWords))
  if (space.orderedLeaves > limits.vectorMax) throw refuse(`${space.orderedLeaves} states with always transitions that can be active at once`, limits.vectorMax)
  if (space.words > limits.vectorMax) throw refuse(`${space.nodes.length} states in more configurations than a number tells`, 32 * limits.vectorMax)
}

export interface MachineOptions {
  readonly stepMillis: number
  readonly executor?: Executor | undefined
  /** Populations whose behaviours are given the same programs share that of their machine. */
  readonly programs?: Programs
  /** Default: room for what a machine of thousands of configurations needs. */
  readonly tables?: TableLimits
}

/** Runs an ordinary XState v5 machine for every agent of a kind. Throws `machine` errors for what can't run in a swarm. */
export function machineBehaviour(kind: KindType, machine: AnyStateMachine, { stepMillis, executor = 'compiled', programs = new Map(), tables = tableLimits }: MachineOptions): MachineBehaviour {
  const chart = readChart(kind, machine)
  checkWidths(chart)
  const hidden: ColumnPlan[] = [hiddenWords('$state', chart.space.words)]
  if (chart.space.orderedLeaves > 0) hidden.push({ name: '$order', type: vec<Uint8Array, number>(u8, chart.space.orderedLeaves), published: false })
  if (chart.histories.length > 0) hidden.push(hiddenWords('$history', chart.histories.length * chart.space.setWords))
  if (chart.timers.size > 0) hidden.push({ name: '$timers', type: vec<Float64Array, number>(f64, chart.timers.size), published: false })
  return { chart, executor, hidden, states: statesOf(chart), bind: (port) => (executor === 'interpreted' ? new InterpretedMachine(chart, port, stepMillis) : compiledMachine(chart, port, { stepMillis, programs, tables, wrap: executor === 'watched' ? watching(machine.id) : undefined })) }
}

/** Reads the states of a table's machines; what is known of its configurations is kept for as long as the same table is asked about. */
function statesOf(chart: Chart): (table: KindTable) => MachineStates {
  let read: { readonly table: KindTable; readonly states: MachineStates } | undefined
  return (table) => {
    if (read?.table !== table) read = { table, states: new MachineStates(chart, table) }
    return read.states
  }
}

/** XState's value of the state an agent is in. */
export function stateValueOf({ chart }: MachineBehaviour, table: KindTable, row: number): StateValue {
  const { space, machine } = chart
  return new Configurations(machine, space).at(row, table.column('$state').live as Uint32Array, undefined).template.value as StateValue
}

/** Reads the states of a kind's agents: the paths of their leaves, `alive.hunting & armed`; every configuration is put in words once. */
export function statePaths({ chart }: MachineBehaviour, table: KindTable): (row: number) => string {
  const configurations = new Configurations(chart.machine, chart.space)
  const words = table.column('$state').live as Uint32Array
  const paths = new Map<Configuration, string>()
  return (row) => {
    const configuration = configurations.at(row, words, undefined)
    const known = paths.get(configuration)
    if (known !== undefined) return known
    const path = leafNames(configuration)
    if (configurations.full) {
      configurations.forget()
      paths.clear()
    }
    paths.set(configuration, path)
    return path
  }
}

/** Whether an agent's machine is in the state of a path like `armed.reloading`. */
export function countInState(behaviour: Behaviour | undefined, table: KindTable, path: string): number {
  if (behaviour === undefined) {
    throw new MetabonkError({ code: 'world-invalid', what: `the report asks for state '${path}' of kind ${table.kind.name}, which has no machine` })
  }
  const states = behaviour.states(table)
  let count = 0
  for (let row = 0; row < table.rows; row++) if (table.alive[row] === 1 && states.matches(row, path)) count++
  return count
}
