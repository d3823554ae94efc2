import { hashWords } from '../hash/words.ts'
import { hashJobWords } from '../kernels.ts'
import { limits } from '../limits.ts'
import { Inbox, type Delivery } from '../mail/inbox.ts'
import type { Outbox } from '../mail/outbox.ts'
import { createRolls } from '../rng/rolls.ts'
import { hashText } from '../hash/text.ts'
import { addressOf } from '../state/address.ts'
import type { KindTable } from '../state/table.ts'
import { parallelContext, stageWorld, type LaneParts, type ParallelContext } from './context.ts'
import type { BehaviourPort, BoundBehaviour } from './program.ts'
import { Requests } from './requests.ts'
import type { SharedState } from './shared.ts'

interface BoundStage {
  readonly name: string
  readonly kind: number
  readonly columns: readonly number[]
  readonly phase: number
  readonly run: (begin: number, end: number) => void
}

type Guard = (name: string, kind: number, columns: readonly number[], run: () => void) => void

/** One simulation thread's own part of every step: its rows, mail, requests and contexts. The coordinator is lane 0. */
export class Lane implements LaneParts {
  readonly index: number
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly requests: Requests
  readonly state: SharedState
  readonly behaviours: readonly (BoundBehaviour | undefined)[]
  /** Runs a stage, which writes these columns of a kind only, under suspicion. */
  guard: Guard | undefined = undefined
  private readonly systems: readonly (ParallelContext | undefined)[]
  private readonly stages: readonly BoundStage[]
  private readonly jobs: Uint32Array
  private readonly jobColumns: number[] = []
  private readonly sums: Uint32Array
  private readonly delivery: Delivery = { words: 0, dropped: 0 }
  private readonly mailHash = new Uint32Array(2)
  /** Rounds of stages so far. */
  private pass = 0
  private readonly mail = { words: 0, dropped: 0, low: 0, high: 0 }
  private readonly ranges = {
    begin: (kind: number): number => this.state.control.begin(kind, this.index),
    end: (kind: number): number => this.state.control.end(kind, this.index),
  }

  constructor(state: SharedState, index: number) {
    this.state = state
    this.index = index
    this.outbox = state.outboxes[index + 1]
    this.inbox = new Inbox(state.memory.inboxes[index], state.tables)
    this.requests = new Requests(state.memory.requests[index + 1], state.tables)
    this.behaviours = state.program.behaviours.map((behaviour, kind) => behaviour?.bind(this.behaviourPort(kind)))
    this.systems = state.program.systems.map((system) => (system.form === 'parallel' ? parallelContext(this, system) : undefined))
    this.stages = this.bindStages()
    this.jobs = new Uint32Array(limits.columnsMax * hashJobWords)
    this.sums = new Uint32Array(limits.columnsMax * 2)
  }

  private bindStages(): BoundStage[] {
    const { program, tables } = this.state
    const firstPhase = 3 + program.kinds.length + program.systems.length
    return program.stages.map((stage, i) => {
      const table = tables[program.kinds.findIndex((kind) => kind.name === stage.kind.name)]
      const run = stage.bind({ tables, world: stageWorld(this.state, stage), slab: this.state.stages, lane: this.index, kernels: this.state.kernels, pass: () => this.pass })
      return { name: `${stage.name} of ${stage.kind.name}`, kind: table.index, columns: stage.writes.map((name) => table.column(name).index), phase: firstPhase + i, run }
    })
  }

  private behaviourPort(kind: number): BehaviourPort {
    const { program, tables, control, config, streams } = this.state
    const table = tables[kind]
    const { outbox } = this
    const rolls = createRolls(program.seed, streams.register(program.kinds[kind].name, '', 'machine'))
    const names = new Map<string, number>()
    const nameHash = (name: string): number => {
      const known = names.get(name)
      if (known !== undefined) return known
      const hash = hashText(name)
      names.set(name, hash)
      return hash
    }
    return {
      table,
      tables,
      kindIndex: kind,
      inbox: this.inbox,
      types: program.types,
      lane: this.index,
      stepMillis: program.stepMillis,
      config: () => config.current,
      step: () => control.step,
      memory: outbox.memory,
      receiver: outbox.receiver,
      open: (row, type) => outbox.open(addressOf(kind, row), type),
      close: (row, type) => {
        outbox.close(addressOf(kind, row), table.generation[row], type)
      },
      roll: (row, name) => rolls.rollOf(control.step, row, nameHash(name)),
    }
  }

  table(kind: number): KindTable {
    return this.state.tables[kind]
  }

  /** First row of a kind that this thread owns. */
  begin(kind: number): number {
    return this.state.control.begin(kind, this.index)
  }

  /** Row after the last that this thread owns. */
  end(kind: number): number {
    return this.state.control.end(kind, this.index)
  }

  /** Opens the step: nothing sent, nothing asked. */
  open(): void {
    this.outbox.clear()
    this.requests.clear()
  }

  /** Machines of own rows: timers, mail, clock. */
  decide(): void {
    for (let kind = 0; kind < this.behaviours.length; kind++) {
      const behaviour = this.behaviours[kind]
      if (behaviour === undefined) continue
      this.state.control.enter(this.index, 3 + kind)
      behaviour.decide(this.begin(kind), this.end(kind))
    }
  }

  /** Runs one parallel system over own rows. */
  runSystem(system: number): void {
    this.state.control.enter(this.index, 3 + this.behaviours.length + system)
    this.systems[system]?.run()
  }

  /** Runs one parallel system over some of the own rows. */
  runSystemOver(system: number, begin: number, end: number): void {
    this.systems[system]?.runOver(begin, end)
  }

  /** After settling: stages, mail, hash and publication of own rows. `think` is false when a state is restored. */
  finish(think: boolean): void {
    if (think) this.runStages()
    this.state.control.enter(this.index, 1)
    this.deliver()
    this.hashRows()
    this.publish(false)
    const { tables } = this.state
    for (let kind = 0; kind < tables.length; kind++) tables[kind].clearDirty(this.index)
  }

  /** After inputs changed the state at a boundary: publishes and delivers again. */
  prepare(): void {
    this.deliver()
    this.publish(true)
  }

  private runStages(): void {
    this.pass++
    for (let i = 0; i < this.stages.length; i++) {
      const stage = this.stages[i]
      this.state.control.enter(this.index, stage.phase)
      const begin = this.begin(stage.kind)
      const end = this.end(stage.kind)
      if (begin === end) continue
      for (let k = 0; k < stage.columns.length; k++) this.table(stage.kind).markDirty(stage.columns[k], this.index)
      if (this.guard === undefined) stage.run(begin, end)
      else this.runGuarded(this.guard, stage)
    }
  }

  /** A function of its own: what a closure names is put on the heap where it is declared, whether the closure is made or not. */
  private runGuarded(guard: Guard, { name, kind, columns, run }: BoundStage): void {
    guard(name, kind, columns, () => {
      run(this.begin(kind), this.end(kind))
    })
  }

  private publish(all: boolean): void {
    for (let kind = 0; kind < this.state.tables.length; kind++) {
      if (this.begin(kind) < this.end(kind)) this.table(kind).publish(this.begin(kind), this.end(kind), this.index, all)
    }
  }

  private deliver(): void {
    const { mail } = this
    this.inbox.deliver(this.state.outboxes, this.ranges, this.index === 0, this.delivery)
    mail.words = this.delivery.words
    mail.dropped = this.delivery.dropped
    mail.low = 0
    mail.high = 0
    if (mail.words > 0) this.hashMail()
    this.state.control.setMail(this.index, mail)
  }

  /** Hash of undelivered mail: the lane-wise sum over receivers' blocks of rows, so that no deal of rows can show. */
  private hashMail(): void {
    for (let kind = 0; kind < this.state.tables.length; kind++) {
      if (!this.inbox.hasMail(kind)) continue
      for (let row = this.begin(kind), end = this.end(kind); row < end; row += limits.blockRows) {
        const from = this.inbox.begin(kind, row)
        const to = this.inbox.begin(kind, Math.min(row + limits.blockRows, end))
        if (from === to) continue
        hashWords(this.inbox.words, from, to, kind, row / limits.blockRows, this.mailHash)
        this.mail.low = (this.mail.low + this.mailHash[0]) | 0
        this.mail.high = (this.mail.high + this.mailHash[1]) | 0
      }
    }
  }

  /** Hashes own blocks of every column that may have changed: one call a kind. */
  private hashRows(): void {
    const { tables } = this.state
    for (let kind = 0; kind < tables.length; kind++) {
      const table = tables[kind]
      const count = this.fillJobs(table)
      if (count === 0) continue
      this.state.kernels.hashBlocks(table.memory, this.jobs, count, this.sums)
      for (let i = 0; i < count; i++) this.state.control.setSum(this.index, this.jobColumns[i], this.sums[2 * i], this.sums[2 * i + 1])
    }
  }

  private fillJobs(table: KindTable): number {
    const firstBlock = Math.ceil(this.begin(table.index) / limits.blockRows)
    const endBlock = Math.ceil(this.end(table.index) / limits.blockRows)
    let count = 0
    for (let k = 0; k < table.columns.length; k++) {
      const column = table.columns[k]
      if (!table.isDirty(column.index, this.index)) continue
      const at = count * hashJobWords
      this.jobs[at] = column.wordOffset
      this.jobs[at + 1] = column.blockWords
      this.jobs[at + 2] = column.hashClass
      this.jobs[at + 3] = firstBlock
      this.jobs[at + 4] = endBlock
      this.jobs[at + 5] = column.hashSeed
      this.jobs[at + 6] = table.index
      this.jobColumns[count] = column.id
      count++
    }
    return count
  }
}
