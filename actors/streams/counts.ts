/** Streams of JSON about a state as a whole: how many agents are in each state of their machine, and the world's report. */
import { MetabonkError, type KindTable, type SharedState, type StreamDeclaration } from '../../runtime/index.ts'
import { stateCounts } from '../statechart/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { summarise } from '../world/summary.ts'
import { jsonBytes, type Emit, type Stream } from './stream.ts'

const number = { type: 'number' } as const
const count = { type: 'integer', minimum: 0 } as const

/** Declares a stream of JSON objects with these properties. */
export function jsonStream(topic: string, title: string, properties: object): StreamDeclaration {
  const schema = JSON.stringify({ title, type: 'object', properties })
  return { topic, encoding: 'json', schemaName: title, schemaEncoding: 'jsonschema', schema }
}

/** How many agents of a kind are in each state of their machine: written when that changed. */
export class StatesStream implements Stream {
  readonly declaration: StreamDeclaration
  private readonly table: KindTable
  private readonly state: SharedState
  private last = ''

  constructor(table: KindTable, state: SharedState) {
    const counted = { type: 'object', additionalProperties: count }
    this.declaration = jsonStream(`states/${table.kind.name}`, 'metabonk.States', { step: number, agents: count, states: counted })
    this.table = table
    this.state = state
  }

  take(step: number, emit: Emit | undefined): void {
    const { table } = this
    const [{ agents, states }] = stateCounts(this.state.program.behaviours[table.index], table)
    const counted = { agents, states: Object.fromEntries(states.map((each) => [each.state, each.agents])) }
    const text = JSON.stringify(counted)
    if (text === this.last) return
    this.last = text
    emit?.(step, 0, jsonBytes({ step, ...counted }))
  }
}

/** The world's report on every state; a number that is none is null. A report that fails says why instead, and the run goes on. */
export class MetricsStream implements Stream {
  readonly declaration: StreamDeclaration
  private readonly world: WorldDefinition
  private readonly state: SharedState

  constructor(world: WorldDefinition, state: SharedState) {
    const report = { type: 'object', additionalProperties: { type: ['number', 'null'] } }
    this.declaration = jsonStream('metrics', 'metabonk.Metrics', { step: number, report, agents: { type: 'object', additionalProperties: count }, error: { type: 'string' } })
    this.world = world
    this.state = state
  }

  take(step: number, emit: Emit | undefined): void {
    emit?.(step, 0, jsonBytes({ step, ...this.numbers() }))
  }

  private numbers(): object {
    try {
      return summarise(this.world, this.state)
    } catch (error) {
      if (error instanceof MetabonkError) return { error: error.message }
      throw error
    }
  }
}
