import { assign, setup } from 'xstate'
import { expect, it } from 'vitest'
import { bytes, defineWorld, f32, int, kind, message, send, system, vec } from '../../actors/index.ts'

const Alarm = message('Alarm', { at: vec(f32, 2) })
const Sheep = kind('sheep', { published: { at: vec(f32, 2) }, columns: { fear: f32 }, receives: [Alarm] })
const Cry = message('Cry', { words: bytes(8), loud: f32 })
const settings = { sheep: int(3) }

/** Where a value goes that only the compiler looks at. */
function use(value: unknown): void {
  expect(value).toBeUndefined()
}

/** Each of these must not compile: the compiler fails this file where an expectation of an error is not met. */
export function misspelt(): void {
  setup({ types: Sheep.types, guards: {
    // @ts-expect-error there is no column 'faer'
    calm: ({ context }) => context.faer < 0.1,
  } })
  setup({ types: Sheep.types }).createMachine({
    context: Sheep.context,
    // @ts-expect-error there is no column 'feer'
    on: { Alarm: { actions: assign({ feer: 1 }) } },
  })
  // @ts-expect-error the sheep receive no 'Alarum'
  setup({ types: Sheep.types }).createMachine({ context: Sheep.context, on: { Alarum: {} } })
  // @ts-expect-error an Alarm has no 'where'
  send(Alarm, 0 as never, { where: [1, 2] })
  // @ts-expect-error a position has two elements
  send(Alarm, 0 as never, { at: [1, 2, 3] })
  // @ts-expect-error a Cry has no 'word'
  send(Cry, 0 as never, { word: 'baa', loud: 1 })
  // @ts-expect-error words are bytes or text
  send(Cry, 0 as never, { words: 5, loud: 1 })
  // @ts-expect-error a payload has no field 'wheree'
  Alarm.codec.encode({ wheree: [1, 2] }, 0 as never, 0)
  // @ts-expect-error what is read has no field 'wheree' either
  use(Alarm.codec.read(0 as never, 0).wheree)
  // @ts-expect-error a position has elements 0 and 1
  use(Alarm.cursor(0 as never).at_2)
  // @ts-expect-error an element is a number
  Alarm.cursor(0 as never).at_1 = 'north'
  // @ts-expect-error a kind has no bytes
  kind('k', { columns: { name: bytes(4) } })
  system({ name: 's', kind: Sheep, config: settings, run(rows, world) {
    // @ts-expect-error there is no column 'fearr'
    use(rows.write.fearr)
    // @ts-expect-error columns taken for reading are not written
    rows.read.fear[0] = 1
    // @ts-expect-error private columns of others can't be read
    use(world.others(Sheep).columns.fear)
    // @ts-expect-error there is no setting 'sheeep'
    use(world.config.sheeep)
    // @ts-expect-error there is no column 'fir'
    world.spawn(0, Sheep, { fir: 1 })
    // @ts-expect-error an Alarm needs its position
    world.send(0, Alarm, rows.id(0), {})
  } })
  defineWorld({ name: 'w', config: settings, kinds: [Sheep], init: ({ spawn, config }) => {
    // @ts-expect-error there is no setting 'wolves'
    use(config.wolves)
    // @ts-expect-error fear is a number
    spawn(Sheep, { fear: 'much' })
  } })
  defineWorld({ name: 'w', kinds: [Sheep], init: () => undefined, report: {
    // @ts-expect-error a position is not one number
    x: (view) => view.sum(Sheep, 'at'),
  } })
  // @ts-expect-error a column needs a type
  kind('k', { columns: { n: 3 } })
}

it('types flow from one declaration: what is written right compiles', () => {
  const machine = setup({ types: Sheep.types, guards: { calm: ({ context }) => context.fear < 0.1 } }).createMachine({
    id: 'sheep',
    initial: 'grazing',
    context: Sheep.context,
    states: {
      grazing: { on: { Alarm: { target: 'fleeing', actions: assign({ fear: 1 }) } } },
      fleeing: { on: { STEP: [{ guard: 'calm', target: 'grazing' }, { actions: assign({ fear: ({ context }) => context.fear * 0.95 }) }] } },
    },
  })
  expect(typeof send(Cry, 0 as never, { words: 'baa', loud: 1 })).toBe('function')
  expect(Sheep.with(machine).kind.name).toBe('sheep')
  expect(typeof misspelt).toBe('function')
})
