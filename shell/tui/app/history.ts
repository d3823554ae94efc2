import type { View } from '../model/model.ts'
import type { History } from '../panes/pane.ts'

/** Looks that are remembered of each series. */
const samplesMax = 240

/** What has been seen lately of a run, one number a look. A way back in time begins it anew: its lines go along with the run. */
export class SeenHistory implements History {
  private readonly values = new Map<string, number[]>()
  private step = -1
  private deadBefore = new Map<string, number>()

  series(name: string): readonly number[] {
    return this.values.get(name) ?? []
  }

  /** Adds a look, when its step is another one than that of the last. */
  add(view: View, stepsPerSecond: number): void {
    if (view.step === this.step) return
    if (view.step < this.step) this.clear()
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
    const values = this.values.get(name)
    if (values === undefined) {
      this.values.set(name, [value])
      return
    }
    if (values.length >= samplesMax) values.shift()
    values.push(value)
  }

  private clear(): void {
    this.values.clear()
    this.deadBefore = new Map()
  }
}
