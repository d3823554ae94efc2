import { limits } from '../limits.ts'
import { MetabonkError } from '../errors.ts'
import { mailBytesError, mailLimitError } from '../mail/outbox.ts'
import type { KindTable } from '../state/table.ts'
import type { Lane } from './lane.ts'
import type { Requests, BirthRequest } from './requests.ts'

/** The director's hand: settles births and deaths of a step in canonical order. Runs on the coordinator. */
export class Settlement {
  private readonly lane: Lane
  /** Requests of the director, then of each thread. */
  private readonly boxes: readonly Requests[]
  private readonly values: Record<string, unknown>[]
  private readonly births: BirthRequest[] = []
  /** Births asked for in a step, by kind. */
  private readonly asked: Float64Array

  constructor(lane: Lane, boxes: readonly Requests[]) {
    this.lane = lane
    this.boxes = boxes
    this.values = lane.state.tables.map((table) => table.zeroValues())
    this.asked = new Float64Array(lane.state.tables.length)
  }

  /** Deaths first, so that the freed rows serve the births; births by who asked, then in the order asked. */
  settle(step: number): void {
    let isAsked = false
    for (const box of this.boxes) {
      if (!box.isEmpty) {
        isAsked = true
        box.eachDeath((kind, row) => {
          this.kill(kind, row)
        })
        box.collectBirths(this.births)
      }
    }
    if (isAsked) this.checkBirths(step)
    if (this.births.length > 0) this.bear(step)
    this.checkMail(step)
  }

  /** Ends a live row. Ending a dead one is no fault: two may ask for it. */
  kill(kind: number, row: number): void {
    const table = this.lane.state.tables[kind]
    if (!table.isAlive(row)) return
    table.freeRow(row)
  }

  private bear(step: number): void {
    this.births.sort((a, b) => a.kind - b.kind || a.from - b.from)
    for (const birth of this.births) {
      const values = this.values[birth.kind]
      this.lane.state.tables[birth.kind].kind.codec.decode(birth.memory, birth.byteOffset, values)
      // Who is born as a step ends acts in the next one for the first time.
      this.spawn(birth.kind, values, step + 1)
    }
    this.births.length = 0
  }

  /**
   * Brings an agent to life with these values (zero where not given), that acts from `step` on; returns its row, or -1 when births
   * are refused.
   */
  spawn(kind: number, values: Readonly<Record<string, unknown>>, step: number): number {
    const table = this.lane.state.tables[kind]
    const row = table.takeRow()
    if (row < 0) {
      this.refuse(table)
      return -1
    }
    for (const name in values) {
      const column = table.findColumn(name)
      if (column === undefined || name.startsWith('$')) {
        throw new MetabonkError({ code: 'schema', what: `kind ${table.kind.name} has no column '${name}'`, where: 'spawn', todo: `choose from ${table.kind.plan.map((each) => each.name).join(', ')}` })
      }
      table.set(column, row, values[name])
    }
    this.lane.behaviours[kind]?.born(row, step)
    return row
  }

  private refuse(table: KindTable): void {
    if (table.kind.whenFull === 'refuse') {
      table.countRefused()
      return
    }
    throw new MetabonkError({
      code: 'limit',
      what: `kind ${table.kind.name} has reached its rowsMax of ${table.kind.rowsMax}`,
      where: `step ${this.lane.state.control.step}`,
      todo: `declare rowsMax higher, or whenFull: 'refuse'`,
    })
  }

  /** Names the lowest kind with too many births, whichever threads asked for them. */
  private checkBirths(step: number): void {
    const { kinds } = this.lane.state.program
    const asked = this.asked.fill(0)
    for (const { kind } of this.births) asked[kind]++
    for (const box of this.boxes) if (box.overKind >= 0) asked[box.overKind] = Infinity
    const over = asked.findIndex((count, kind) => count > kinds[kind].birthsMax)
    if (over < 0) return
    const { name, birthsMax } = kinds[over]
    throw new MetabonkError({ code: 'limit', what: `more than ${birthsMax} births of ${name} in one step`, where: `step ${step}`, todo: `spawn fewer, or declare birthsMax of ${name} higher` })
  }

  /** Raises the limits that senders went over, the same for any number of threads. */
  private checkMail(step: number): void {
    const { outboxes, program } = this.lane.state
    let sent = 0
    let worst = outboxes[0]
    let bytes = 0
    for (let i = 0; i < outboxes.length; i++) {
      const outbox = outboxes[i]
      sent += outbox.count
      bytes += outbox.bytes
      if (outbox.overSender !== 0 && (worst.overSender === 0 || outbox.overSender < worst.overSender)) worst = outbox
    }
    if (sent === 0) return
    const fault = worst.senderFault(step)
    if (fault !== undefined) throw fault
    for (let kind = 0; kind < program.kinds.length; kind++) {
      let count = 0
      for (let i = 0; i < outboxes.length; i++) count += outboxes[i].overKind === kind ? Infinity : outboxes[i].countFor(kind)
      if (count > program.kinds[kind].mailMax) throw mailLimitError(program.kinds[kind], step)
    }
    if (bytes > limits.mailBytesMax) throw mailBytesError(step)
  }
}

