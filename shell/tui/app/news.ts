import type { LiveStop, LiveVitals } from '../../../actors/index.ts'
import type { View } from '../model/model.ts'
import type { LogLine } from '../panes/pane.ts'

const everyMillis = 1000

/** A run has stopped at a breakpoint. */
export function stopLine(run: string, { step, expression, fault }: LiveStop): LogLine {
  if (fault === undefined) return { step, level: 'info', text: `${run} has stopped where ${expression}` }
  return { step, level: 'error', text: `${run} has stopped since it can't be told whether ${expression}: ${fault}` }
}

/** What happens in a live run, told in lines: service actors that change their state, and once a second who was born and died. */
export class News {
  private readonly say: (line: LogLine) => void
  private readonly states = new Map<string, string>()
  private counted: { readonly step: number; readonly kinds: ReadonlyMap<string, { readonly agents: number; readonly deaths: number }> } | undefined
  private toldAt = -Infinity
  private ended = false

  constructor(say: (line: LogLine) => void) {
    this.say = say
  }

  vitals({ actors, ended, step }: LiveVitals): void {
    for (const actor of actors) {
      if (this.states.get(actor.name) === actor.state) continue
      this.states.set(actor.name, actor.state)
      const isBad = ['faulted', 'recovering', 'escalating', 'failed', 'stalled'].includes(actor.state)
      this.say({ step: actor.step, level: isBad ? 'warn' : 'event', text: `${actor.name} is ${actor.state}${actor.event === '' ? '' : ` (${actor.event})`}` })
    }
    if (ended === undefined || this.ended) return
    this.ended = true
    this.say({ step, level: 'info', text: `the run has ended: ${ended}` })
  }

  /** Looks at a live state. `now` in milliseconds. */
  view({ step, kinds }: View, now: number): void {
    if (now - this.toldAt < everyMillis && step >= (this.counted?.step ?? 0)) return
    this.toldAt = now
    const before = this.counted
    this.counted = { step, kinds: new Map(kinds.map(({ name, agents, deaths }) => [name, { agents, deaths }])) }
    if (before === undefined || before.step >= step) return
    const parts = kinds.flatMap(({ name, agents, deaths }) => {
      const last = before.kinds.get(name)
      if (last === undefined) return []
      const died = deaths - last.deaths
      const born = agents - last.agents + died
      if (died <= 0 && born <= 0) return []
      return [`${name}${born > 0 ? ` +${String(born)}` : ''}${died > 0 ? ` \u2212${String(died)}` : ''}`]
    })
    if (parts.length > 0) this.say({ step, level: 'event', text: `born and died: ${parts.join(', ')}` })
  }
}
