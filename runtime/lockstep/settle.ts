import { MetabonkError } from '../errors.ts'
import { mailLimitError } from '../mail/outbox.ts'
import type { KindTable } from '../state/table.ts'
import type { Lane } from './lane.ts'
import type { Requests, BirthRequest } from './requests.ts'

/** A birth or death the director settled, for those who want to know. */
export interface Settled {
  births: number
  deaths: number
}

/** The director's hand: settles births and deaths of a step in canonical order. Runs on the coordinator. */
export class Settlement {
  private readonly lane: Lane
  /** Requests of the director, then of each thread. */
  private readonly boxes: readonly Requests[]
  private readonly values: Record<string, unknown>[]
  private readonly births: BirthRequest[] = []
  readonly settled: Settled = { births: 0, deaths: 0 }

  constructor(lane: Lane, boxes: readonly Requests[]) {
    this.lane = lane
    this.boxes = boxes
    this.values = lane.state.tables.map((table) => table.zeroValues())
  }

  /** Deaths first, so that the freed rows serve the births; births by who asked, then in the order asked. */
  settle(step: number): void {
    this.settled.births = 0
    this.settled.deaths = 0
    for (const box of this.boxes) {
      if (!box.isEmpty) {
        this.checkBirths(box, step)
        box.eachDeath((kind, row) => {
          this.kill(kind, row)
        })
        box.collectBirths(this.births)
      }
    }
    if (this.births.length > 0) this.bear(step)
    this.checkMail(step)
  }

  /** Ends a live row. Ending a dead one is no fault: two may ask for it. */
  kill(kind: number, row: number): void {
    const table = this.lane.state.tables[kind]
    if (!table.isAlive(row)) return
    table.freeRow(row)
    this.settled.deaths++
  }

  private bear(step: number): void {
    this.births.sort((a, b) => a.kind - b.kind || a.from - b.from)
    this.checkBirthLimits(step)
    for (const birth of this.births) {
      const values = this.values[birth.kind]
      this.boxes[0].layouts[birth.kind].decode(birth.words, birth.offset, values)
      this.spawn(birth.kind, values, step)
    }
    this.births.length = 0
  }

  /** Brings an agent to life with these values (zero where not given); returns its row, or -1 when births are refused. */
  spawn(kind: number, values: Readonly<Record<string, unknown>>, step: number): number {
    const table = this.lane.state.tables[kind]
    const row = table.takeRow()
    if (row < 0) {
      this.refuse(table, step)
      return -1
    }
    for (const name in values) {
      const column = table.findColumn(name)
      if (column === undefined || name.startsWith('$')) {
        throw new MetabonkError({ code: 'schema', what: `kind ${table.kind.name} has no column '${name}'`, where: 'spawn', todo: `choose from ${table.kind.plan.map((each) => each.name).join(', ')}` })
      }
      table.set(column, row, values[name])
    }
    this.settled.births++
    this.lane.behaviours[kind]?.born(row)
    return row
  }

  private refuse(table: KindTable, step: number): void {
    if (table.kind.whenFull === 'refuse') {
      table.countRefused()
      return
    }
    throw new MetabonkError({
      code: 'limit',
      what: `kind ${table.kind.name} has reached its rowsMax of ${table.kind.rowsMax}`,
      where: `step ${step}`,
      todo: `declare rowsMax higher, or whenFull: 'refuse'`,
    })
  }

  private checkBirths(box: Requests, step: number): void {
    if (box.overKind >= 0) throw this.birthLimit(box.overKind, step)
  }

  private checkBirthLimits(step: number): void {
    for (let i = 0, count = 0; i < this.births.length; i++) {
      count = i > 0 && this.births[i].kind === this.births[i - 1].kind ? count + 1 : 1
      if (count > this.lane.state.program.kinds[this.births[i].kind].birthsMax) throw this.birthLimit(this.births[i].kind, step)
    }
  }

  private birthLimit(kind: number, step: number): MetabonkError {
    const { name, birthsMax } = this.lane.state.program.kinds[kind]
    return new MetabonkError({ code: 'limit', what: `more than ${birthsMax} births of ${name} in one step`, where: `step ${step}`, todo: `spawn fewer, or declare birthsMax of ${name} higher` })
  }

  /** Raises the limits that senders went over, the same for any number of threads. */
  private checkMail(step: number): void {
    const { outboxes, program } = this.lane.state
    let any = false
    for (const outbox of outboxes) any ||= outbox.count > 0
    if (!any) return
    const worst = outboxes.reduce((least, outbox) => (outbox.overSender !== 0 && (least.overSender === 0 || outbox.overSender < least.overSender) ? outbox : least))
    const fault = worst.senderFault(step)
    if (fault !== undefined) throw fault
    for (let kind = 0; kind < program.kinds.length; kind++) {
      let count = 0
      for (const outbox of outboxes) count += outbox.countFor(kind)
      if (count > program.kinds[kind].mailMax || outboxes.some((outbox) => outbox.overKind === kind)) throw mailLimitError(program.kinds[kind], step)
    }
  }
}

