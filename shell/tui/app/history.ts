import type { View } from '../model/model.ts'
import type { History } from '../panes/pane.ts'

/** Looks that are remembered of each series. */
const samplesMax = 240

/** Numbers, and the steps at which they were seen. */
interface Series {
  readonly steps: number[]
  readonly values: number[]
}

/** What has been seen lately of a run, one number a look. A way back in time takes back what was seen later: lines end at the step that is shown. */
export class SeenHistory implements History {
  private readonly seen = new Map<string, Series>()
  private step = -1
  private readonly deadBefore = new Map<string, number>()

  series(name: string): readonly number[] {
    return this.seen.get(name)?.values ?? []
  }

  /** Adds a look, when its step is another one than that of the last. */
  add(view: View, stepsPerSecond: number): void {
    if (view.step === this.step) return
    if (view.step < this.step) this.takeBack(view.step)
    this.step = view.step
    this.note('steps/s', stepsPerSecond)
    let agents = 0
    for (const kind of view.kinds) {
      agents += kind.agents
      this.note(`agents/${kind.name}`, kind.agents)
      for (const { state, agents: count } of kind.states) this.note(`state/${kind.name}/${state}`, count)
      if (kind.reward !== undefined) {
        this.note(`reward/${kind.name}`, kind.reward.sum)
        this.note(`terminated/${kind.name}`, kind.reward.terminated)
        this.note(`truncated/${kind.name}`, kind.reward.truncated)
      }
      this.note(`deaths/${kind.name}`, this.deathsOf(kind.name, kind.deaths))
    }
    this.note('agent-steps/s', agents * stepsPerSecond)
    for (const [name, value] of Object.entries(view.report)) this.note(`report/${name}`, value)
  }

  private deathsOf(kind: string, deaths: number): number {
    const before = this.deadBefore.get(kind) ?? deaths
    this.deadBefore.set(kind, deaths)
    return Math.max(0, deaths - before)
  }

  private note(name: string, value: number): void {
    let series = this.seen.get(name)
    if (series === undefined) {
      series = { steps: [], values: [] }
      this.seen.set(name, series)
    }
    if (series.values.length >= samplesMax) {
      series.steps.shift()
      series.values.shift()
    }
    series.steps.push(this.step)
    series.values.push(value)
  }

  private takeBack(step: number): void {
    for (const { steps, values } of this.seen.values()) {
      while (steps.length > 0 && steps[steps.length - 1] >= step) {
        steps.pop()
        values.pop()
      }
    }
  }
}

const statesMax = 12

/** States that the machine of one agent was seen in, one look after the other. */
export class SeenLife {
  states: { readonly step: number; readonly state: string }[] = []
  private of = ''

  /** Looks at the agent of a view: another one begins anew, and a way back takes back what was seen later. */
  add({ step, agent }: View): void {
    if (agent?.state === undefined) return
    const { kind, row, generation, state } = agent
    const of = `${kind}[${String(row)}] ${String(generation)}`
    const before = of === this.of ? this.states.filter((each) => each.step <= step) : []
    this.of = of
    this.states = before.at(-1)?.state === state ? before : [...before, { step, state }].slice(-statesMax)
  }
}
