import type { AnyStateMachine } from 'xstate'
import { sendMail, StatechartExecutor, zeroValue, type BehaviourPort, type ConfigurationFacts, type Guard, type KindTable, type Microstep, type MachineScene, type Statechart, type Trace, type TraceQuery, type ActionPart } from '../../runtime/index.ts'
import { agentKey, type AgentPort } from './agent.ts'
import { type Chart, ownContext } from './chart.ts'
import type { Wrap } from './checked.ts'
import { configurationsMax, leafNames, type Configuration } from './configuration.ts'
import { machineFault, only, refusal, selfOf, stepsOf, type FaultPlace } from './faults.ts'
import { Parts } from './parts.ts'
import { sameValue } from './rounding.ts'
import { Tracer } from './tracer.ts'

/** What all populations of a machine share in a thread: which configurations there are and what its microsteps do, whatever their columns. The code that does it is each one's own. */
interface Program {
  readonly parts: Parts
  readonly tracer: Tracer
}

/** Programs by machine. */
export type Programs = Map<AnyStateMachine, Program>

/** The program of a chart's machine; one whose functions are watched is nobody else's. */
function programOf(chart: Chart, { programs, wrap, tables }: CompiledOptions): Program {
  const known = wrap === undefined ? programs.get(chart.machine) : undefined
  if (known !== undefined) return known
  const parts = new Parts(chart, wrap)
  const made = { parts, tracer: new Tracer(chart, parts, tables.configurations) }
  if (wrap === undefined) programs.set(chart.machine, made)
  return made
}

/** How far the tables of a machine grow before they are begun anew. */
export interface TableLimits {
  /** Configurations that are known at once, of all populations of a machine. */
  readonly configurations: number
  /** Branches of guards and events, of each population. */
  readonly branches: number
}

export const tableLimits: TableLimits = { configurations: configurationsMax, branches: 100_000 }

interface CompiledOptions {
  readonly stepMillis: number
  readonly wrap: Wrap | undefined
  readonly programs: Programs
  readonly tables: TableLimits
}

/** A machine for the executor over columns: each microstep is XState's own, asked for when it is first needed. */
class TracedChart implements Statechart {
  readonly name: string
  readonly microstepsMax: number
  readonly stateWords: number
  readonly configurations: number
  readonly historyWords: number
  readonly timers: readonly string[]
  readonly hasAlways: boolean
  readonly initialContext: Statechart['initialContext']
  readonly branchesMax: number
  private readonly chart: Chart
  private readonly stepMillis: number
  private readonly parts: Parts
  private readonly tracer: Tracer

  constructor(chart: Chart, options: CompiledOptions) {
    this.chart = chart
    this.stepMillis = options.stepMillis
    this.branchesMax = options.tables.branches
    this.name = chart.machine.id
    this.microstepsMax = chart.microstepsMax
    this.stateWords = chart.space.words
    this.configurations = chart.space.size
    this.historyWords = chart.space.setWords
    this.hasAlways = chart.space.nodes.some((node) => node.always !== undefined)
    this.timers = chart.timerNodes.map((timer) => timer.eventType)
    const { parts, tracer } = programOf(chart, options)
    this.parts = parts
    this.tracer = tracer
    this.initialContext = initialContext(chart)
  }

  get full(): boolean {
    return this.tracer.configurations.full
  }

  get epoch(): number {
    return this.tracer.epoch
  }

  forget(): void {
    this.tracer.forget()
  }

  find(row: number, words: Uint32Array, order: Uint8Array | undefined): ConfigurationFacts {
    return this.tracer.configurations.at(row, words, order)
  }

  facts(configuration: number): Configuration {
    return this.tracer.configurations.byIndex(configuration)
  }

  label(configuration: number): string {
    return leafNames(this.facts(configuration))
  }

  classOf(configuration: number, event: string | undefined): string | undefined {
    return this.tracer.classOf(this.facts(configuration), event)
  }

  historiesOf(configuration: number, event: string | undefined): readonly number[] {
    return this.tracer.historiesOf(this.facts(configuration), event)
  }

  trace(query: TraceQuery): Trace {
    return this.tracer.trace(query)
  }

  initial(): Microstep {
    return this.tracer.initial()
  }

  action(action: unknown): ActionPart {
    return typeof action === 'string' ? this.parts.action(action) : this.parts.makeAction(action)
  }

  guard(guard: unknown, configuration: number): Guard {
    return this.parts.guard(guard, configuration < 0 ? this.tracer.unborn : this.facts(configuration).template)
  }

  stepsOf(timer: number, delay: unknown): number {
    return stepsOf(this.chart, this.stepMillis, { eventType: this.timers[timer], delay })
  }

  fault(cause: unknown, where: FaultPlace): Error {
    return machineFault(this.chart, cause, where)
  }
}

/** What a machine's own initial context adds to the columns of a newborn: nothing where it is the kind's. */
function initialContext(chart: Chart): Statechart['initialContext'] {
  const own = ownContext(chart)
  if (own === undefined || own === (chart.kind as { readonly context?: unknown }).context) return undefined
  const given = (values: object): Record<string, unknown> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  if (typeof own === 'function') return (columns) => given((own as (args: object) => object)({ input: columns, spawn: undefined, self: undefined }))
  const zero = new Map(chart.kind.plan.map((column) => [column.name, zeroValue(column.type)]))
  return (columns) => Object.fromEntries(Object.entries(given(own)).filter(([name]) => sameValue(columns[name], zero.get(name))))
}

function portOver(table: KindTable, port: BehaviourPort, row: () => number): Pick<AgentPort, 'id' | 'send' | 'roll'> {
  return {
    get id() {
      return table.idOfRow(row())
    },
    send: (type, to, payload) => {
      sendMail(port, row(), type, { to, payload })
    },
    roll: (name) => port.roll(row(), name),
  }
}

/** Binds the compiled executor of a chart to a thread. */
export function compiledMachine(chart: Chart, port: BehaviourPort, options: CompiledOptions): StatechartExecutor {
  const scene: MachineScene = {
    self: selfOf(chart),
    system: only(chart, 'system', {}),
    spawn: () => {
      throw refusal(chart, 'spawn')
    },
    members: (row) => ({ [agentKey]: portOver(port.table, port, row) }),
  }
  return new StatechartExecutor(new TracedChart(chart, options), port, scene)
}
