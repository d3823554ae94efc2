import type { KindTable } from '../state/table.ts'
import { GatheredMail } from './gathered-mail.ts'
import type { ConfigValues } from './program.ts'
import type { SharedState } from './shared.ts'

/**
 * Copies of the states of a world, in other memory of the same world for one thread: for those who look at it while it goes on. What stages leave
 * beside the state is not copied.
 */
export class Mirror {
  private readonly from: SharedState
  private readonly to: SharedState
  private readonly gathered: GatheredMail
  private readonly mail: Uint32Array
  private config: ConfigValues | undefined
  /** Hash of each column as it was copied: the copy of one that has it still is good. */
  private readonly copied: Uint32Array
  private readonly sum = new Uint32Array(2)
  private hasCopy = false

  constructor(from: SharedState, to: SharedState) {
    this.from = from
    this.to = to
    this.gathered = new GatheredMail(from)
    this.mail = new Uint32Array(to.memory.inboxes[0])
    this.copied = new Uint32Array(2 * from.tables.reduce((columns, table) => columns + table.columns.length, 0))
  }

  /** Copies the state as it is; until that is done, the copy is sealed at no step (-1). By the thread that owns the step boundary, or when nobody writes any more. */
  take(): void {
    const { from, to } = this
    to.control.sealedStep = -1
    for (let kind = 0; kind < from.tables.length; kind++) this.takeTable(from.tables[kind], to.tables[kind])
    this.hasCopy = true
    const words = this.gathered.words
    this.gathered.copyTo(this.mail, 0)
    const { low, high, dropped } = from.control.seal
    to.control.setMail(0, { words, dropped: 0, low: 0, high: 0 })
    to.control.noteSeal(low, high, dropped)
    to.control.step = from.control.step
    if (this.config !== from.config.current) {
      this.config = from.config.current
      to.config.write(this.config)
    }
    to.control.sealedStep = from.control.sealedStep
  }

  private takeTable(from: KindTable, to: KindTable): void {
    // Rows that a way back after a fault has given up are cleared in the copy as well.
    const rows = Math.max(from.rows, to.rows)
    const isWhole = this.hasCopy && from.rows === to.rows
    for (let index = 0; index < from.columns.length; index++) {
      const { id, live, type } = from.columns[index]
      if (this.isCopied(id) && isWhole) continue
      to.columns[index].live.set(live.subarray(0, rows * type.width))
    }
    to.restoreCounters(from.rows, from.aliveCount, from.refused)
  }

  /** Whether a column has the hash it was copied with; notes the one it has. */
  private isCopied(column: number): boolean {
    const { copied, sum } = this
    this.from.control.readSum(column, sum, 0)
    const isSame = copied[2 * column] === sum[0] && copied[2 * column + 1] === sum[1]
    copied[2 * column] = sum[0]
    copied[2 * column + 1] = sum[1]
    return isSame
  }
}
