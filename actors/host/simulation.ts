import { attachShared, BlockChecker, Coordinator, createSharedMemory, hashHex, loadRow, MetabonkError, type ConfigValues, type Input, type KindTable, type KindType, type SharedState, type TimedInput } from '../../runtime/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import { checkWorldInput } from './check-input.ts'
import { resolveConfig } from './resolve-config.ts'
import type { WorldDefinition } from '../world/define.ts'
import { buildProgram } from '../world/program.ts'
import { executorOf, type Executor } from '../statechart/index.ts'
import { summarise } from '../world/summary.ts'

/** Options of {@link createSimulation}. */
export interface SimulationOptions {
  readonly world: WorldDefinition
  /** Integer from 0. Default 0. */
  readonly seed?: number
  /** Settings of the world, by key; missing ones take their defaults. */
  readonly config?: ConfigValues
  /** 0: steps run in the caller's thread, whose realm is not locked down. For threads, use `runWorld`. */
  readonly threads: 0
  /** Looks for foreign writes and order dependence in every step. */
  readonly check?: boolean
  /** How machines run: `interpreted` is XState itself, slow and with the same bits. Default `compiled`, and with `check` `watched`. */
  readonly machines?: Executor
  /** Inputs known beforehand: a recording's, when it is replayed. */
  readonly inputs?: readonly TimedInput[]
  /** State to start from, as `keyframe()` gave it, instead of the world's `init`. */
  readonly from?: Uint8Array
}

/** A world stepped synchronously in the caller's thread: for tests, game loops and embedding. */
export class Simulation {
  private readonly coordinator: Coordinator
  private readonly shared: SharedState
  private readonly world: WorldDefinition
  private inputs = 0
  private broken = false

  constructor(options: SimulationOptions) {
    if ((options.threads as number) !== 0) {
      throw new MetabonkError({ code: 'usage', what: `createSimulation can't start ${options.threads} threads`, todo: 'give threads: 0, or use runWorld' })
    }
    this.world = options.world
    const config = resolveConfig(options.world.config, { file: options.config })
    const program = buildProgram(options.world, { seed: options.seed ?? 0, config, machines: executorOf({ machines: options.machines, check: options.check }) })
    for (const input of options.inputs ?? []) checkWorldInput(options.world, program, input)
    this.shared = attachShared(program, createSharedMemory(program, 1), hostKernels())
    this.coordinator = new Coordinator(this.shared, {
      wait: { spins: 0, stallSlices: 0 },
      inputs: options.inputs,
      checker: options.check === true ? (lane) => new BlockChecker(lane) : undefined,
    })
    if (options.from === undefined) this.coordinator.start()
    else this.coordinator.restore(options.from)
  }

  /** The step whose state this is; `step()` runs it. */
  get stepCount(): number {
    return this.coordinator.step
  }

  /** Hash of the current state: 16 hex digits. */
  get hash(): string {
    return hashHex(this.coordinator.hash.low, this.coordinator.hash.high)
  }

  /** Runs `count` steps. Throws what the world threw; a simulation that threw in the middle of a step can't go on. */
  step(count = 1): void {
    if (this.broken) throw new MetabonkError({ code: 'usage', what: 'the simulation threw in the middle of a step and can not go on', where: `step ${this.stepCount}`, todo: 'make a new one, from a keyframe if you kept one' })
    if (!(Number.isSafeInteger(count) && count >= 0)) throw new MetabonkError({ code: 'usage', what: `a simulation can't run ${String(count)} steps`, todo: 'give a whole number from 0' })
    this.broken = true
    this.coordinator.runTo(this.coordinator.step + count)
    this.broken = false
  }

  /**
   * Changes the state at the boundary before the next step, as a recorded input would. Throws, and changes nothing, when the world
   * can't take it.
   */
  input(input: Input): void {
    const timed = { step: this.stepCount, source: 0, sequence: this.inputs++, input }
    checkWorldInput(this.world, this.shared.program, timed)
    // With others before it, whether its agent lives shows only when its turn comes.
    if ((input.form === 'set' || input.form === 'kill') && !this.coordinator.awaitsInputs && !this.tableOf(input.kind).isAlive(input.row)) {
      throw new MetabonkError({ code: 'usage', what: `${input.kind} ${input.row} is not alive`, where: `step ${this.stepCount}`, todo: 'name a live row' })
    }
    this.coordinator.addInput(timed)
  }

  /** Live agents of a kind. */
  count(kind: KindType): number {
    return this.table(kind).aliveCount
  }

  /** Rows of a kind ever used: `get` takes rows below this. */
  rows(kind: KindType): number {
    return this.table(kind).rows
  }

  isAlive(kind: KindType, row: number): boolean {
    return this.table(kind).isAlive(row)
  }

  /** All columns of one row, as people write their values. Hidden columns start with `$`. */
  agent(kind: KindType, row: number): Record<string, unknown> {
    return loadRow(this.table(kind), row)
  }

  /** One column of one row. */
  get(kind: KindType, row: number, column: string): unknown {
    const table = this.table(kind)
    return table.get(table.column(column), row)
  }

  /** The world's report on the current state. */
  report(): Record<string, number> {
    return summarise(this.world, this.shared).report
  }

  /** The whole state as bytes: `from` of another simulation of the same world, settings and seed goes on from it. */
  keyframe(): Uint8Array {
    return this.coordinator.keyframe()
  }

  private table(kind: KindType): KindTable {
    return this.tableOf(kind.name)
  }

  private tableOf(kind: string): KindTable {
    const table = this.shared.tables.find((each) => each.kind.name === kind)
    if (table === undefined) throw new RangeError(`the world has no kind ${kind}`)
    return table
  }
}

/** Makes a simulation that steps in the caller's thread. Same states and hashes as on any number of threads. */
export function createSimulation(options: SimulationOptions): Simulation {
  return new Simulation(options)
}
