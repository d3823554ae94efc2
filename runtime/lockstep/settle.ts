import { limits } from '../limits.ts'
import { MetabonkError } from '../errors.ts'
import { mailBytesError, mailLimitError } from '../mail/outbox.ts'
import type { Lane } from './lane.ts'
import { BirthOrder } from './birth-order.ts'
import type { Requests } from './requests.ts'

/** The director's hand: settles births and deaths of a step in canonical order. Runs on the coordinator. */
export class Settlement {
  private readonly lane: Lane
  /** Requests of the director, then of each thread. */
  private readonly boxes: readonly Requests[]
  private readonly births = new BirthOrder()
  /** Births asked for in a step, by kind. */
  private readonly asked: Uint32Array

  constructor(lane: Lane, boxes: readonly Requests[]) {
    this.lane = lane
    this.boxes = boxes
    this.asked = new Uint32Array(lane.state.tables.length)
  }

  /** Deaths first, so that the freed rows serve the births; births by who asked, then in the order asked. */
  settle(step: number): void {
    const { boxes, births } = this
    let isAsked = false
    births.count = 0
    for (let i = 0; i < boxes.length; i++) {
      if (boxes[i].isEmpty) continue
      isAsked = true
      boxes[i].eachDeath(this.bury)
      boxes[i].collectBirths(births, i)
    }
    if (isAsked) this.checkBirths(step)
    if (births.count > 0) this.bear(step)
    this.checkMail(step)
  }

  private readonly bury = (kind: number, row: number): void => {
    this.kill(kind, row)
  }

  /** Ends a live row. Ending a dead one is no fault: two may ask for it. */
  kill(kind: number, row: number): void {
    const table = this.lane.state.tables[kind]
    if (!table.isAlive(row)) return
    table.freeRow(row)
  }

  private bear(step: number): void {
    const { births } = this
    births.sort()
    for (let i = 0; i < births.count; i++) {
      const kind = births.kind(i)
      const row = this.take(kind)
      if (row < 0) continue
      this.boxes[births.box(i)].fillRow(row, births.at(i))
      // Who is born as a step ends acts in the next one for the first time.
      this.lane.behaviours[kind]?.born(row, step + 1)
    }
  }

  /**
   * Brings an agent to life with these values (zero where not given), that acts from `step` on; returns its row, or -1 when births
   * are refused.
   */
  spawn(kind: number, values: Readonly<Record<string, unknown>>, step: number): number {
    const table = this.lane.state.tables[kind]
    const row = this.take(kind)
    if (row < 0) return -1
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

  /** A row for somebody new, or -1 when births are refused. */
  private take(kind: number): number {
    const table = this.lane.state.tables[kind]
    const row = table.takeRow()
    if (row >= 0) return row
    if (table.kind.whenFull === 'refuse') {
      table.countRefused()
      return -1
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
    const { asked, births, boxes } = this
    asked.fill(0)
    for (let i = 0; i < births.count; i++) asked[births.kind(i)]++
    for (let i = 0; i < boxes.length; i++) if (boxes[i].overKind >= 0) asked[boxes[i].overKind] = limits.rowsMax + 1
    let over = 0
    while (over < kinds.length && asked[over] <= kinds[over].birthsMax) over++
    if (over === kinds.length) return
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

