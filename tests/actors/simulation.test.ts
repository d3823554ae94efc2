import { assign, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { box, createSimulation, defineWorld, discrete, f32, kind, nobody, observe, real, sequential, system, torus, u32, vec, type AgentId } from '../../actors/index.ts'

const Cell = kind('cell', { published: { at: vec(f32, 2) }, columns: { n: u32 }, cell: 2, rowsMax: 6, whenFull: 'refuse' })
const Tick = kind('tick', { columns: { n: u32, steps: u32 } })

describe('createSimulation', () => {
  it('gives the id of nobody for a birth that init is refused', () => {
    const ids: AgentId[] = []
    const world = defineWorld({ name: 'full', kinds: [Cell], init: ({ spawn }) => {
      for (let i = 0; i < 8; i++) ids.push(spawn(Cell, { n: i }))
    } })
    createSimulation({ world, threads: 0 })
    expect([new Set(ids).size, ids.slice(6)]).toEqual([7, [nobody, nobody]])
  })

  it("refuses init's spawn after init, steps that are no number, and settings that can't start as they are", () => {
    let kept: (() => void) | undefined
    const world = defineWorld({ name: 'late', kinds: [Tick], init: ({ spawn }) => {
      kept = () => void spawn(Tick, {})
    } })
    const simulation = createSimulation({ world, threads: 0 })
    expect(kept).toThrow("init's spawn was called after init")
    for (const steps of [NaN, 1.5, -1]) {
      expect(() => {
        simulation.step(steps)
      }).toThrow(`a simulation can't run ${String(steps)} steps`)
    }
    simulation.step(2)
    expect(() => real({ default: 1 } as never)).toThrow("a setting of form real can't start as an object")
    expect(() => real(3, { max: 2 })).toThrow("a setting of form real can't start as 3")
    expect(() => defineWorld({ name: 'w', stepMillis: NaN, kinds: [Tick], init: () => undefined })).toThrow("a step can't stand for NaN milliseconds")
  })

  it('keeps no observation that the observer does not write: a restored state goes on the same way', () => {
    const Eye = kind('eye', { columns: { n: u32 }, policy: { observation: box([2], -1, 1), action: discrete(5) } })
    const world = defineWorld({
      name: 'eyes',
      kinds: [Eye],
      init: ({ spawn }) => {
        for (let i = 0; i < 20; i++) spawn(Eye, { n: i })
      },
      systems: [system({ name: 'count', kind: Eye, run: (rows) => {
        for (let row = rows.begin; row < rows.end; row++) rows.write.n[row] += 1 + rows.read.action[row]
      } })],
      observers: [observe({ kind: Eye, run: ({ row, read, out, offset }, view) => {
        if ((row + view.step) % 7 === 0) out[offset] = (read.n[row] % 9) / 9
      } })],
    })
    const simulation = createSimulation({ world, threads: 0 })
    for (let step = 0; step < 20; step++) {
      const copy = createSimulation({ world, threads: 0, from: simulation.keyframe() })
      simulation.step()
      copy.step()
      expect([step, copy.hash]).toEqual([step, simulation.hash])
    }
  })

  it('shows a sequential system its own kills at once, in the index of live positions too', () => {
    const seen: number[][] = []
    const world = defineWorld({
      name: 'crowd',
      space: torus(8, 8),
      kinds: [Cell],
      init: ({ spawn }) => {
        for (let i = 0; i < 5; i++) spawn(Cell, { at: [1, 1] })
      },
      systems: [sequential({ name: 'cull', kinds: [Cell], run: (view) => {
        const index = view.occupancy(Cell)
        view.kill(Cell, index.first(1, 1))
        const rows: number[] = []
        for (let row = index.first(1, 1); row !== -1; row = index.next(row)) rows.push(row)
        seen.push([index.count(1, 1), ...rows])
      } })],
    })
    createSimulation({ world, threads: 0 }).step(2)
    expect(seen).toEqual([[4, 1, 2, 3, 4], [3, 2, 3, 4]])
  })

  it('fills the lowest free rows first, whatever the order of deaths', () => {
    const world = defineWorld({
      name: 'rows',
      kinds: [Tick],
      init: ({ spawn }) => {
        for (let i = 0; i < 10; i++) spawn(Tick, { n: i })
      },
      systems: [system({ name: 'turnover', kind: Tick, run: (rows, view) => {
        for (const row of [7, 2, 5]) if (view.step === 0 && row >= rows.begin && row < rows.end) view.kill(row)
        if (view.step === 1 && rows.begin === 0) for (let i = 0; i < 4; i++) view.spawn(0, Tick, { n: 100 + i })
      } })],
    })
    const simulation = createSimulation({ world, threads: 0 })
    simulation.step(2)
    expect(Array.from({ length: simulation.rows(Tick) }, (_, row) => simulation.get(Tick, row, 'n'))).toEqual([0, 1, 100, 3, 4, 101, 6, 102, 8, 9, 103])
  })

  it('counts after from the step an agent acts in first, however it was born', () => {
    const machine = setup({ types: Tick.types }).createMachine({
      id: 'tick',
      context: Tick.context,
      initial: 'waiting',
      states: { waiting: { on: { STEP: { actions: assign({ steps: ({ context }) => context.steps + 1 }) } }, after: { 3: 'over' } }, over: {} },
    })
    const world = defineWorld({
      name: 'ticks',
      kinds: [Cell, Tick.with(machine)],
      init: ({ spawn }) => {
        spawn(Cell, {})
        spawn(Tick, {})
      },
      systems: [system({ name: 'mother', kind: Cell, run: (rows, view) => {
        if (view.step === 2) view.spawn(rows.begin, Tick, {})
      } })],
    })
    const simulation = createSimulation({ world, threads: 0 })
    simulation.step(4)
    simulation.input({ form: 'spawn', kind: 'tick', values: {} })
    simulation.step(10)
    expect([0, 1, 2].map((row) => simulation.get(Tick, row, 'steps'))).toEqual([3, 3, 3])
  })

  it('refuses a keyframe whose step, counts, configuration or mail are none', () => {
    const world = defineWorld({ name: 'frames', kinds: [Tick], init: ({ spawn }) => void spawn(Tick, {}) })
    const whole = createSimulation({ world, threads: 0 }).keyframe()
    const changed = (change: (view: DataView) => void): (() => unknown) => {
      const copy = whole.slice()
      change(new DataView(copy.buffer))
      return () => createSimulation({ world, threads: 0, from: copy })
    }
    const configAt = 32
    const tableAt = configAt + Math.ceil(new DataView(whole.buffer).getUint32(24, true) / 8) * 8
    const cases: readonly (readonly [change: (view: DataView) => void, message: string])[] = [
      [(view) => { view.setFloat64(8, NaN, true) }, 'its step or count of dropped mail is NaN'],
      [(view) => { view.setFloat64(8, -3.5, true) }, 'its step or count of dropped mail is -3.5'],
      [(view) => { view.setUint8(configAt, 0x78) }, 'its configuration is no JSON object'],
      [(view) => { view.setUint32(tableAt + 4, 0, true) }, '1 rows of tick are alive, not 0'],
      [(view) => { view.setUint32(tableAt, 2 ** 31, true) }, 'rows of tick are more than rowsMax'],
    ]
    for (const [change, message] of cases) expect(changed(change)).toThrow(message)
    expect(changed(() => undefined)).not.toThrow()
  })
})
