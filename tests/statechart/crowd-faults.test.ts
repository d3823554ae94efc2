import { assign, setup } from 'xstate'
import { expect, it } from 'vitest'
import { kind, message, u32 } from '../../actors/index.ts'
import { Agents } from './agents.ts'

const Prick = message('Prick', {})
const Balloon = kind('balloon', { columns: { size: u32 }, receives: [Prick], rowsMax: 256 })

const burst = (): never => {
  throw new Error('burst')
}

/** Grows with every step; bursts when it is pricked, or too large. */
const balloon = setup({ types: Balloon.types, guards: { tooLarge: ({ context }) => (context.size > 1_000 ? burst() : false) } }).createMachine({
  id: 'balloon',
  initial: 'small',
  context: Balloon.context,
  states: {
    small: { on: { Prick: { actions: assign({ size: () => burst() }) }, STEP: [{ guard: 'tooLarge' }, { actions: assign({ size: ({ context }) => context.size + 1 }) }] } },
  },
})

it.each([
  { pricked: 170, large: [30, 200], named: 30 },
  { pricked: 17, large: [30, 200], named: 17 },
  { pricked: 255, large: [], named: 255 },
])('the lowest of the rows whose machines threw is named, in whichever order they ran: $named', ({ pricked, large, named }) => {
  const agents = new Agents({ kind: Balloon, machine: balloon, executor: 'compiled', rows: 256 })
  const { live } = agents.table.column('size')
  // So often that all of it is code by then.
  for (let turn = 0; turn < 3; turn++) agents.turn(() => [])
  for (const row of large) live[row] = 2_000
  const turn = (): void => {
    agents.turn((row) => (row === pricked ? [{ type: 'Prick', payload: {} }] : []))
  }
  expect(turn).toThrow(`balloon ${named} `)
  // All before it have had their STEP.
  expect([0, named >> 1, named - 1].map((row) => live[row])).toEqual([4, 4, 4])
})

it('rows after one that failed are not run in vain', () => {
  let asked = 0
  const machine = setup({ types: Balloon.types }).createMachine({
    id: 'balloon',
    initial: 'small',
    context: Balloon.context,
    states: {
      small: { on: { STEP: { guard: ({ context }) => context.size > 0, target: 'large' } } },
      large: { always: { guard: () => ++asked > 0, target: 'larger' } },
      larger: { always: 'large' },
    },
  })
  const agents = new Agents({ kind: Balloon, machine, executor: 'compiled', rows: 256 })
  for (let turn = 0; turn < 3; turn++) agents.turn(() => [])
  agents.table.column('size').live.fill(1, 20, 256)
  expect(() => {
    agents.turn(() => [])
  }).toThrow('balloon 20 ')
  expect(asked).toBeLessThan(3_000)
})
