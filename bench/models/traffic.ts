import { createRng, nobody, streamId, type AgentId, type MessageType, type Rng } from '../../runtime/index.ts'

/** A message that may arrive, and how its one value is drawn: `unit` times an integer from 0 to `values` - 1. */
export interface Arrival {
  readonly type: MessageType
  readonly field: string
  /** How often it arrives, compared with the others. */
  readonly weight: number
  readonly values: number
  readonly unit: number
}

/** An event as XState takes it. */
export interface PlainEvent {
  readonly type: string
  readonly sender: AgentId
  readonly [field: string]: unknown
}

/** A message as it was drawn. The object is used again for the next. */
export interface Drawn {
  arrival: Arrival
  value: number
}

/** The event of the clock. */
export const stepEvent: PlainEvent = { type: 'STEP', sender: nobody }

/** Steps after which the same messages come again, to agents that are elsewhere by then. */
export const period = 16

/** What arrives: one message for every agent in every step, as a function of step and row. */
export class Traffic {
  /** Sorted by name, as programs have them. */
  readonly types: readonly MessageType[]
  /** Whether the machine is told of every step, too. */
  readonly clock: boolean
  readonly arrivals: readonly Arrival[]
  private readonly lots: readonly Arrival[]
  private readonly rng: Rng = createRng(1, streamId('bench', '', 'traffic'))
  private readonly drawn: Drawn
  private readonly made = new Map<number, readonly (readonly PlainEvent[])[]>()

  constructor({ arrivals, clock }: { readonly arrivals: readonly Arrival[]; readonly clock: boolean }) {
    this.types = arrivals.map(({ type }) => type).sort((a, b) => (a.name < b.name ? -1 : 1))
    this.clock = clock
    this.arrivals = arrivals
    this.lots = arrivals.flatMap((arrival) => Array.from({ length: arrival.weight }, () => arrival))
    this.drawn = { arrival: this.lots[0], value: 0 }
  }

  /** Events that an agent gets in a step. */
  get eventsPerStep(): number {
    return this.clock ? 2 : 1
  }

  /** The message for a row in a step. */
  draw(step: number, row: number): Readonly<Drawn> {
    const { rng, drawn, lots } = this
    rng.at(step % period, row)
    drawn.arrival = lots[rng.below(lots.length)]
    drawn.value = rng.below(drawn.arrival.values) * drawn.arrival.unit
    return drawn
  }

  /** The messages of all steps of a period as events, by step and row: the same objects for all who ask. */
  events(agents: number): readonly (readonly PlainEvent[])[] {
    const events = this.made.get(agents) ?? this.makeEvents(agents)
    this.made.set(agents, events)
    return events
  }

  private makeEvents(agents: number): PlainEvent[][] {
    return Array.from({ length: period }, (_, step) =>
      Array.from({ length: agents }, (_agent, row) => {
        const { arrival, value } = this.draw(step, row)
        return { type: arrival.type.name, sender: nobody, [arrival.field]: value }
      }),
    )
  }
}
