import { MetabonkError } from '../errors.ts'
import { parseExactJson } from '../exact-json.ts'
import { hashText } from '../hash/text.ts'
import { hashWords } from '../hash/words.ts'
import { contractVersion } from '../limits.ts'
import { mailAddressBytes, mailHeaderWords, mailWord } from '../mail/layout.ts'
import { frameWords } from '../ring/bulk.ts'
import { createRng } from '../rng/rng.ts'
import type { KindType } from '../schema/kind.ts'
import type { MessageType } from '../schema/message.ts'
import { nobody } from '../schema/types.ts'
import { kindOfAddress, rowOfAddress } from '../state/address.ts'
import { brokenKeyframe, readKeyframe, writeKeyframe } from '../state/keyframe.ts'
import { checkAdmissible, noSuchAgent } from './admission.ts'
import { Abandoned, Barrier, type WaitPolicy } from './barrier.ts'
import type { Checker } from './check.ts'
import { kindIndexOf, refusePromise, sequentialContext } from './context.ts'
import { command } from './control.ts'
import { GatheredMail } from './gathered-mail.ts'
import { checkTimedInput, compareInputs, eachRecorded, encodeInput, withConfig, type Input, type TimedInput } from './inputs.ts'
import { Lane } from './lane.ts'
import type { ConfigValues, InitWorld, Program } from './program.ts'
import { Requests } from './requests.ts'
import { Settlement } from './settle.ts'
import { buildGrids, dealRows, type SharedState } from './shared.ts'
import { phaseNames, stagesOf, type SystemStage } from './stages.ts'
import { Turns } from './turns.ts'

/** Where a run's hashes, inputs and keyframes go. A recording, or nothing. */
export interface Journal {
  /**
   * A state is whole and its hash comes next: what is recorded of it besides lies before that hash. Not called again for states that are
   * replayed after a fault.
   */
  sealed?(step: number): void
  /** `changed` holds (column id, low, high) triples of the columns whose hash changed. */
  hash(step: number, low: number, high: number, changed: Uint32Array, count: number): void
  /** An input has become known: before the run, or when it was added. From now on the run depends on it. */
  plan?(step: number, sequence: number, bytes: Uint8Array): void
  /** An input is taken. */
  input(step: number, sequence: number, bytes: Uint8Array): void
  /** Takes a keyframe; a journal without it wants none. */
  keyframe?(step: number, bytes: Uint8Array): void
}

/** Control-plane news, for service actors: few, never one per step. */
export interface RunEvents {
  started?(step: number): void
  keyframe?(step: number, bytes: number): void
  /** A step threw. Returns true to restore the last keyframe and replay, false to end the run. */
  faulted?(step: number, error: unknown): boolean
  recovered?(step: number): void
}

/** Options of a {@link Coordinator}. */
export interface CoordinatorOptions {
  readonly wait: WaitPolicy
  readonly journal?: Journal
  readonly events?: RunEvents
  readonly inputs?: readonly TimedInput[]
  /** Checks foreign writes and order dependence in every parallel system. */
  readonly checker?: (lane: Lane) => Checker
  /** Error text left by a faulted thread. */
  readonly faultOf?: (lane: number) => MetabonkError
  /** A state is whole, and what its stages left is there to be seen. Returns when those are done with it who keep step with the run. */
  readonly shown?: (step: number) => void
  /**
   * It was rung for the coordinator: called at the next step boundary, where the state is whole and nobody else touches it. As long as it returns true it is
   * called at every boundary, also after the last step, and perhaps more than once; it may hold the run there with `Control.halt`.
   */
  readonly asked?: (isRung: boolean) => boolean
  /** Fewest steps between keyframes, instead of what the control slab says. */
  readonly keyframeSteps?: number
}

/** What a thread does between two meetings. */
interface LaneFunctions {
  /** By stage of systems. */
  readonly move: readonly (() => void)[]
  readonly finish: () => void
  readonly settle: () => void
  readonly prepare: () => void
}

/** The director and clock of a run: lane 0, inputs, settling, sealing, keyframes, recovery. */
export class Coordinator {
  readonly lane: Lane
  readonly state: SharedState
  private readonly options: CoordinatorOptions
  private readonly barrier: Barrier
  private readonly settlement: Settlement
  private readonly stages: readonly SystemStage[]
  private readonly sequential: readonly ((() => void) | undefined)[]
  private readonly checker: Checker | undefined
  private readonly parts: LaneFunctions
  private readonly gathered: GatheredMail
  private readonly phases: readonly string[]
  private queue: TimedInput[]
  /** Inputs applied since the last keyframe: a replay after a fault needs them once more. */
  private readonly applied: TimedInput[] = []
  private readonly previous: Uint32Array
  private readonly root: Uint32Array
  private readonly changed: Uint32Array
  private readonly rootHash = new Uint32Array(2)
  private readonly hashParts = { low: 0, high: 0 }
  private readonly columns: number
  private initialised = false
  private configHash = 0
  private configSeen: unknown = undefined
  private droppedBefore = 0
  private dropped = 0
  private lastKeyframe: { step: number; bytes: Uint8Array } | undefined
  /** Hashes of the steps after the last keyframe, low and high in turn. */
  private readonly sinceKeyframe: number[] = []
  private replayUntil = -1
  /** The last step whose inputs the journal knows to be taken. */
  private inputsTaken = -1
  private readonly turns: Turns

  constructor(state: SharedState, options: CoordinatorOptions) {
    this.state = state
    this.options = options
    this.lane = new Lane(state, 0)
    this.barrier = new Barrier(state.control, options.wait)
    this.turns = new Turns(state.control, options.asked)
    const boxes = state.memory.requests.map((memory, i) => (i === 1 ? this.lane.requests : new Requests(memory, state.tables)))
    this.settlement = new Settlement(this.lane, boxes)
    this.stages = stagesOf(state.program.systems)
    this.sequential = state.program.systems.map((system) => (system.form === 'sequential' ? sequentialContext(this.lane, system, this.settlement) : undefined))
    this.checker = options.checker?.(this.lane)
    this.parts = this.laneParts()
    this.gathered = new GatheredMail(state)
    this.phases = phaseNames(state.program)
    for (const input of options.inputs ?? []) checkTimedInput(state.program.kinds, input)
    this.queue = [...(options.inputs ?? [])].sort(compareInputs)
    this.columns = state.tables.reduce((sum, table) => sum + table.columns.length, 0)
    this.previous = new Uint32Array(2 * this.columns)
    this.root = new Uint32Array(2 * this.columns + 2 * state.tables.length + 8)
    this.changed = new Uint32Array(3 * this.columns)
  }

  /** The step whose state this is: `step()` will run it. */
  get step(): number {
    return this.state.control.step
  }

  /** Hash of the current state, as two u32. */
  get hash(): { readonly low: number; readonly high: number } {
    return this.hashParts
  }

  /** Runs `init` of the world and seals state 0. */
  start(): void {
    const { state } = this
    state.control.step = 0
    this.lane.open()
    state.outboxes[0].clear()
    eachRecorded(this.queue, (step, sequence, bytes) => this.options.journal?.plan?.(step, sequence, bytes))
    refusePromise('init', state.program.init(this.initWorld()))
    this.initialised = true
    this.settlement.settle(0)
    this.complete(true)
    this.seal()
    this.options.events?.started?.(0)
    this.options.shown?.(0)
  }

  /**
   * Continues from a keyframe instead of `init`: the state, its mail and its hash are those of the keyframe's step. `inputs`
   * replaces those that are still to come, which a way back needs.
   */
  restore(bytes: Uint8Array, inputs?: readonly TimedInput[]): void {
    const { state } = this
    const parts = readKeyframe(state.tables, bytes)
    checkMail(parts.mail, state.program)
    state.control.step = parts.step
    state.config.write(readConfig(parts.config))
    for (const outbox of state.outboxes) outbox.clear()
    state.outboxes[0].restore(parts.mail)
    this.dropped = parts.dropped
    this.complete(false)
    this.combine()
    this.markSealed(parts.step)
    if (inputs !== undefined) this.queue = [...inputs].sort(compareInputs)
    while (this.queue.length > 0 && this.queue[0].step < parts.step) this.queue.shift()
  }

  /** Adds an input for the boundary before a step that has not run. Throws, and takes nothing, when no state could take it. */
  addInput(input: TimedInput): void {
    if (input.step < this.step) {
      throw new MetabonkError({ code: 'usage', what: `an input for step ${input.step} comes too late`, where: `step ${this.step}`, todo: 'give it the current step or a later one' })
    }
    checkTimedInput(this.state.program.kinds, input)
    this.options.journal?.plan?.(input.step, input.sequence, encodeInput(input.source, input.input))
    this.queue.push(input)
    this.queue.sort(compareInputs)
  }

  /**
   * Takes an input at this very boundary, after all others there are. Returns its step. Throws, and takes nothing, when the state as it is, with
   * what is to come in before, could not take it.
   */
  takeInput(source: number, input: Input): number {
    const { state, step } = this
    const due = this.queue.filter((each) => each.step === step)
    const sequence = due.reduce((next, each) => Math.max(next, each.sequence + 1), due.length)
    checkTimedInput(state.program.kinds, { step, source, sequence, input })
    checkAdmissible(state, due.map((each) => each.input), input)
    this.addInput({ step, source, sequence, input })
    return step
  }

  /** Runs one step and seals the state it leads to. Throws what the world threw, with the step in it. */
  runStep(): void {
    if (this.awaitsInputs) this.takeInputs()
    this.checker?.after?.('inputs')
    const { control } = this.state
    const step = control.step
    this.state.outboxes[0].clear()
    for (let i = 0; i < this.stages.length; i++) this.runStage(i)
    control.enter(0, 2)
    this.settlement.settle(step)
    this.checker?.after?.('settle')
    control.step = step + 1
    this.complete(true)
    this.seal()
  }

  /**
   * Runs until `step`, or until somebody asks to stop. A fault restores the last keyframe and replays to where it happened;
   * the same fault at the same step ends the run.
   */
  runTo(step: number): void {
    const { control } = this.state
    while (control.step < step && !control.stopRequested) {
      // Steps that are replayed after a fault have had their turn.
      if (control.step > this.replayUntil && !this.turns.await()) return
      try {
        this.runStep()
      } catch (error) {
        this.recover(error)
        continue
      }
      this.options.shown?.(control.step)
    }
    if (control.step === step) this.turns.end()
  }

  /** Tells the other threads to leave their loops. */
  quit(): void {
    if (this.state.memory.workers > 1) this.barrier.release(command.quit)
  }

  /** The whole state as bytes. */
  keyframe(): Uint8Array {
    return writeKeyframe(this.state.tables, { step: this.step, dropped: this.dropped, config: this.state.config.text, mail: this.mail() })
  }

  private initWorld(): InitWorld {
    const { state, settlement } = this
    return {
      config: state.config.current,
      space: state.program.space,
      rng: createRng(state.program.seed, state.streams.register('', '', 'init')).at(0, 0),
      spawn: (kind, values) => {
        if (this.initialised) throw new MetabonkError({ code: 'world-invalid', what: "init's spawn was called after init", todo: 'use world.spawn in a system' })
        const index = kindIndexOf(state, kind, 'init')
        const row = settlement.spawn(index, values, 0)
        return row < 0 ? nobody : state.tables[index].idOfRow(row)
      },
    }
  }

  private runStage(index: number): void {
    const stage = this.stages[index]
    if (this.shared) this.barrier.release(command.move, index)
    this.together(this.parts.move[index])
    if (stage.sequential >= 0) {
      this.state.control.enter(0, 3 + this.state.tables.length + stage.sequential)
      const run = this.sequential[stage.sequential]
      if (run !== undefined && this.checker !== undefined) this.checker.runSequential(stage.sequential, run)
      else run?.()
    }
  }

  /** This thread's parts of a step as functions, made once: a closure in every step would be garbage in every step. */
  private laneParts(): LaneFunctions {
    const { lane, checker } = this
    return {
      move: this.stages.map((stage, index) => () => {
        if (index === 0) lane.open()
        if (checker !== undefined) checker.runStage(stage, index === 0)
        else runLaneStage(lane, stage, index === 0)
      }),
      finish: () => {
        lane.finish(true)
      },
      settle: () => {
        lane.finish(false)
      },
      prepare: () => {
        lane.prepare()
      },
    }
  }

  private get shared(): boolean {
    return this.state.memory.workers > 1
  }

  /** Runs this thread's part and waits for the others; then raises the fault that one thread alone would have met first. */
  private together(part: () => void): void {
    if (this.shared) this.amongOthers(part)
    else part()
  }

  private amongOthers(part: () => void): void {
    const { control } = this.state
    let fault: unknown
    try {
      part()
    } catch (error) {
      fault = error
      control.setFault(0)
    }
    this.barrier.awaitArrivals(() => this.lateLanes())
    const lane = control.takeFault()
    if (lane === 0) throw fault as Error
    if (lane > 0) throw this.options.faultOf?.(lane) ?? new MetabonkError({ code: 'worker-dead', what: `worker ${lane} failed` })
  }

  private lateLanes(): string {
    const { control, memory } = this.state
    const names: string[] = []
    for (let lane = 1; lane < memory.workers; lane++) {
      const phase = control.phaseOf(lane)
      if (phase !== 0) names.push(`worker ${lane} in ${this.phases[phase]}`)
    }
    return `step ${control.step}, ${names.length === 0 ? 'a worker that never started' : names.join(', ')}`
  }

  /** Second half of a step: grids, then every thread's stages, mail, hash and publication. */
  private complete(think: boolean): void {
    dealRows(this.state)
    buildGrids(this.state)
    this.droppedBefore = this.dropped
    if (this.shared) this.barrier.release(command.finish, think ? 1 : 0)
    this.together(think ? this.parts.finish : this.parts.settle)
    this.state.control.enter(0, 0)
  }

  /** Whether there are inputs for the boundary before the next step. */
  get awaitsInputs(): boolean {
    return this.queue.length > 0 && this.queue[0].step === this.step
  }

  /** Takes the inputs for this boundary, of which there are some. */
  private takeInputs(): void {
    const { queue, step } = this
    const later = queue.findIndex((each) => each.step !== step)
    const due = queue.splice(0, later < 0 ? queue.length : later)
    // Kept and recorded before the first is applied: should one throw, the others are not lost, nor the recording without them.
    this.applied.push(...due)
    if (step > this.inputsTaken) {
      this.inputsTaken = step
      due.forEach((timed, sequence) => this.options.journal?.input(step, sequence, encodeInput(timed.source, timed.input)))
    }
    for (const { input } of due) this.applyInput(input)
    dealRows(this.state)
    buildGrids(this.state)
    if (this.shared) this.barrier.release(command.prepare)
    this.together(this.parts.prepare)
    this.countDropped()
  }

  private applyInput(input: Input): void {
    const { state, settlement } = this
    if (input.form === 'config') {
      state.config.write(withConfig(state.config.current, input.key, input.value))
      return
    }
    const kind = state.program.kinds.findIndex((each) => each.name === input.kind)
    const table = state.tables[kind]
    if (input.form === 'spawn') {
      settlement.spawn(kind, input.values, this.step)
      return
    }
    if (!table.isAlive(input.row)) throw noSuchAgent(input)
    if (input.form === 'kill') {
      settlement.kill(kind, input.row)
      return
    }
    table.set(table.column(input.column), input.row, input.value)
  }

  private countDropped(): void {
    this.dropped = this.droppedBefore + this.state.control.readMail(this.root, 0)
  }

  /** Combines the threads' shares into the root hash; fills `changed`. Returns how many columns changed. */
  private combine(): number {
    const { state, root } = this
    let changed = 0
    for (let column = 0; column < this.columns; column++) {
      const at = 2 * column
      state.control.readSum(column, root, at)
      if (root[at] === this.previous[at] && root[at + 1] === this.previous[at + 1]) continue
      this.previous[at] = root[at]
      this.previous[at + 1] = root[at + 1]
      this.changed[3 * changed] = column
      this.changed[3 * changed + 1] = root[at]
      this.changed[3 * changed + 2] = root[at + 1]
      changed++
    }
    let at = 2 * this.columns
    for (let kind = 0; kind < state.tables.length; kind++) {
      const table = state.tables[kind]
      root[at++] = table.rows
      root[at++] = table.refused
    }
    this.dropped = this.droppedBefore + state.control.readMail(root, at)
    at += 2
    root[at++] = this.dropped
    root[at++] = this.hashOfConfig()
    root[at++] = contractVersion
    hashWords(root, 0, at, 0, 0, this.rootHash)
    this.hashParts.low = this.rootHash[0]
    this.hashParts.high = this.rootHash[1]
    return changed
  }

  private hashOfConfig(): number {
    const values = this.state.config.current
    if (values !== this.configSeen) {
      this.configSeen = values
      this.configHash = hashText(this.state.config.text)
    }
    return this.configHash
  }

  /** Makes the state official: its hash, its record, its keyframe when due. */
  private seal(): void {
    const changed = this.combine()
    const { control } = this.state
    const { step } = control
    if (step <= this.replayUntil) this.compareReplay(step)
    else {
      this.options.journal?.sealed?.(step)
      this.options.journal?.hash(step, this.hashParts.low, this.hashParts.high, this.changed, changed)
      this.remember()
    }
    this.markSealed(step)
    if (this.keyframeDue(step)) this.takeKeyframe(step)
  }

  private markSealed(step: number): void {
    const { control } = this.state
    control.noteSeal(this.hashParts.low, this.hashParts.high, this.dropped)
    control.sealedStep = step
  }

  /** Keyframes serve a recording and the recovery from faults; where there is neither, none is taken. */
  private keyframeDue(step: number): boolean {
    const { journal, events } = this.options
    if (journal?.keyframe === undefined && events?.faulted === undefined) return false
    const last = this.lastKeyframe
    if (last === undefined) return true
    const spacing = this.options.keyframeSteps ?? this.state.control.keyframeSteps
    return step - last.step >= spacing && step > this.replayUntil
  }

  private takeKeyframe(step: number): void {
    const bytes = this.keyframe()
    this.lastKeyframe = { step, bytes }
    this.applied.length = 0
    this.state.control.keyframeBytes = bytes.length
    this.options.journal?.keyframe?.(step, bytes)
    this.options.events?.keyframe?.(step, bytes.length)
  }

  private remember(): void {
    if (this.options.events?.faulted === undefined) return
    const index = this.step - (this.lastKeyframe?.step ?? this.step) - 1
    if (index < 0) return
    this.sinceKeyframe[2 * index] = this.hashParts.low
    this.sinceKeyframe[2 * index + 1] = this.hashParts.high
  }

  private compareReplay(step: number): void {
    const index = step - (this.lastKeyframe?.step ?? 0) - 1
    if (this.sinceKeyframe[2 * index] === this.hashParts.low && this.sinceKeyframe[2 * index + 1] === this.hashParts.high) return
    throw new MetabonkError({
      code: 'recording-mismatch',
      what: 'a replay after a fault came to another state',
      where: `step ${step}`,
      todo: 'run with --check: the world keeps state outside its columns',
    })
  }

  /** Restores the last keyframe after a fault and lets the run replay; rethrows when that can't help. */
  private recover(error: unknown): void {
    const { control } = this.state
    const step = control.step
    const last = this.lastKeyframe
    if (error instanceof Abandoned || last === undefined || this.options.events?.faulted?.(step, error) !== true) throw error
    this.replayUntil = control.sealedStep
    this.queue.push(...this.applied.splice(0))
    this.queue.sort(compareInputs)
    this.restore(last.bytes)
    this.options.events.recovered?.(last.step)
  }

  private mail(): Uint32Array {
    const words = new Uint32Array(this.gathered.words)
    this.gathered.copyTo(words, 0)
    return words
  }
}

/** The configuration of a keyframe. */
function readConfig(text: string): ConfigValues {
  try {
    const values = parseExactJson(text)
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values as ConfigValues
  } catch {
    // Told below, with everything else that is no configuration.
  }
  throw brokenKeyframe('its configuration is no JSON object')
}

/** Checks the mail of a keyframe, word by word of its headers, before anybody follows them. */
function checkMail(mail: Uint32Array, { kinds, types }: Program): void {
  for (let at = 0; at < mail.length; at += frameWords(mail[at])) {
    if (at + mailHeaderWords > mail.length) throw brokenKeyframe('its mail is cut short')
    const type = types[mail[at + mailWord.type]] as MessageType | undefined
    if (type === undefined || mail[at + mailWord.length] !== mailAddressBytes + type.codec.bytes || at + mailHeaderWords + type.codec.words > mail.length) throw brokenKeyframe('its mail holds a message of no known type')
    const kind = kinds[kindOfAddress(mail[at + mailWord.to])] as KindType | undefined
    if (kind === undefined || rowOfAddress(mail[at + mailWord.to]) >= kind.rowsMax || !kind.receives.includes(type)) throw brokenKeyframe(`its mail holds a ${type.name} for nobody`)
  }
}

/** One thread's share of one stage of systems. */
function runLaneStage(lane: Lane, stage: SystemStage, first: boolean): void {
  if (first) lane.decide()
  for (let i = 0; i < stage.parallel.length; i++) lane.runSystem(stage.parallel[i])
}

/** The loop of every simulation thread but the coordinator's. `note` keeps the error of a step for the coordinator. */
export function runWorker(state: SharedState, index: number, wait: WaitPolicy, note: (error: unknown) => void): void {
  const lane = new Lane(state, index)
  const barrier = new Barrier(state.control, wait)
  const stages = stagesOf(state.program.systems)
  let seen = 0
  for (;;) {
    seen = barrier.awaitRelease(seen)
    const what = barrier.command
    if (what === command.quit) return
    state.control.enter(index, 1)
    try {
      if (what === command.move) {
        if (barrier.argument === 0) lane.open()
        runLaneStage(lane, stages[barrier.argument], barrier.argument === 0)
      } else if (what === command.finish) lane.finish(barrier.argument === 1)
      else lane.prepare()
    } catch (error) {
      note(error)
      state.control.setFault(index)
    }
    state.control.enter(index, 0)
    barrier.arrive()
  }
}

