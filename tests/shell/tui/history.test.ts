import { describe, expect, it } from 'vitest'
import { SeenHistory, SeenLife } from '../../../shell/tui/app/history.ts'
import { viewAt } from './fake-run.ts'

describe('SeenHistory', () => {
  it('has one number a look, and takes back what was seen after a step that is gone back to', () => {
    const history = new SeenHistory()
    for (const step of [10, 20, 20, 30, 40]) history.add(viewAt(step, {}), 60)
    expect([history.series('report/afraid'), history.series('none')]).toEqual([[10, 20, 30, 40].map((step) => step % 17), []])
    history.add(viewAt(25, {}), 0)
    expect(history.series('report/afraid')).toEqual([10, 20, 25].map((step) => step % 17))
    expect(history.series('deaths/wolf')).toEqual([0, 1, 0])
  })

  it('remembers so many looks and no more', () => {
    const history = new SeenHistory()
    for (let step = 1; step <= 500; step++) history.add(viewAt(step, {}), 60)
    expect(history.series('steps/s').length).toBe(240)
    expect(history.series('report/afraid').at(-1)).toBe(500 % 17)
  })
})

describe('SeenLife', () => {
  it('tells the states of one agent, each from the step it was first seen there', () => {
    const life = new SeenLife()
    const see = (step: number, row: number, state: string): void => {
      const view = viewAt(step, { agent: { kind: 'wolf', row } })
      life.add({ ...view, agent: view.agent === undefined ? undefined : { ...view.agent, state } })
    }
    see(1, 3, 'grazing')
    see(5, 3, 'grazing')
    see(8, 3, 'fleeing')
    see(9, 3, 'grazing')
    expect(life.states).toEqual([{ step: 1, state: 'grazing' }, { step: 8, state: 'fleeing' }, { step: 9, state: 'grazing' }])
    see(8, 3, 'fleeing')
    expect(life.states).toEqual([{ step: 1, state: 'grazing' }, { step: 8, state: 'fleeing' }])
    see(12, 4, 'grazing')
    expect(life.states).toEqual([{ step: 12, state: 'grazing' }])
  })
})
