import { exactJson, type Input, type KindTable, type SharedState } from '../../runtime/index.ts'
import { hasPolicy } from '../../brain/index.ts'

/** Something that happened on the way to a state, as people read it. */
export interface RunEvent {
  /** The state in which it shows. */
  readonly step: number
  /** The kind it is about, or the world. */
  readonly name: string
  /** Like `[REWARD] scout[3] +1.5`. */
  readonly message: string
}

/** A number of f32 without the digits that only its bits have. */
function shortest(value: number): string {
  const short = Number(value.toPrecision(7))
  return `${short > 0 ? '+' : ''}${short}`
}

function inputText(input: Input): string {
  switch (input.form) {
    case 'config':
      return `[CONFIG] ${input.key} = ${exactJson(input.value)}`
    case 'set':
      return `[INPUT] set ${input.kind}[${input.row}].${input.column} = ${exactJson(input.value)}`
    case 'spawn':
      return `[INPUT] spawn ${input.kind} ${exactJson(input.values)}`
    case 'kill':
      return `[INPUT] kill ${input.kind}[${input.row}]`
  }
}

/** Who lives in the rows of a kind, to tell births and deaths. */
class Census {
  readonly table: KindTable
  /** Generation of each row; 0 while nobody lives there. */
  private lives = new Uint32Array(64)
  births = 0
  deaths = 0

  constructor(table: KindTable) {
    this.table = table
  }

  /** Counts who was born and who died since it was last asked. */
  count(): void {
    const { alive, generation, rows } = this.table
    if (rows > this.lives.length) {
      const larger = new Uint32Array(2 * rows)
      larger.set(this.lives)
      this.lives = larger
    }
    const { lives } = this
    this.births = 0
    this.deaths = 0
    for (let row = 0; row < lives.length; row++) {
      const life = row < rows && alive[row] === 1 ? generation[row] : 0
      if (life === lives[row]) continue
      if (lives[row] !== 0) this.deaths++
      if (life !== 0) this.births++
      lives[row] = life
    }
  }
}

/** Tells what happened from state to state: looks at all of them in turn. */
export class EventWatch {
  private readonly world: string
  private readonly censuses: readonly Census[]
  private inputs: Input[] = []

  constructor({ program, tables }: SharedState) {
    this.world = program.name
    this.censuses = tables.map((table) => new Census(table))
  }

  /** An input that was applied before the next state. */
  input(input: Input): void {
    this.inputs.push(input)
  }

  /** What happened since the state that it looked at last: inputs, births and deaths, then rewards and ends of episodes by kind and row. */
  look(step: number): RunEvent[] {
    const events: RunEvent[] = this.inputs.map((input) => ({ step, name: input.form === 'config' ? this.world : input.kind, message: inputText(input) }))
    this.inputs = []
    for (const census of this.censuses) lifeEvents(step, census, events)
    for (const { table } of this.censuses) if (hasPolicy(table.kind)) rewardEvents(step, table, events)
    return events
  }
}

function lifeEvents(step: number, census: Census, events: RunEvent[]): void {
  census.count()
  const { name } = census.table.kind
  if (census.births > 0) events.push({ step, name, message: `[BIRTH] ${name} ${census.births}` })
  if (census.deaths > 0) events.push({ step, name, message: `[DEATH] ${name} ${census.deaths}` })
}

function rewardEvents(step: number, table: KindTable, events: RunEvent[]): void {
  const { name } = table.kind
  const [reward, terminated, truncated] = ['reward', 'terminated', 'truncated'].map((column) => table.column(column).live)
  for (let row = 0; row < table.rows; row++) {
    if (table.alive[row] !== 1) continue
    if (reward[row] !== 0) events.push({ step, name, message: `[REWARD] ${name}[${row}] ${shortest(reward[row])}` })
    if (terminated[row] !== 0) events.push({ step, name, message: `[EPISODE] ${name}[${row}] terminated` })
    if (truncated[row] !== 0) events.push({ step, name, message: `[EPISODE] ${name}[${row}] truncated` })
  }
}
