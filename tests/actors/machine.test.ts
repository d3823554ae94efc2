import { and, createMachine, assign, createActor, enqueueActions, not, or, raise, setup, type AnyStateMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import { agentId, createSimulation, defineWorld, f32, int, kind, message, roll, chance, send, selfId, system, u32, vec, type MachineKind } from '../../actors/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'

const Hit = message('Hit', { damage: f32 })
const Heal = message('Heal', { amount: f32 })
const Scare = message('Scare', { by: u32 })
const Fighter = kind('fighter', { columns: { hp: f32, hits: u32, spot: vec(f32, 2), target: agentId }, receives: [Hit, Heal, Scare] })

interface EnqueueArgs {
  readonly enqueue: ((action: () => void) => void) & { assign(change: object): void; raise(event: object): void }
  readonly check: (guard: () => boolean) => boolean
  readonly context: { readonly spot: readonly number[] }
}

/** A machine with hierarchy, parallel regions, history, always, raise, final and enqueueActions. */
function fighterMachine(log: (name: string) => void): AnyStateMachine {
  const note = (name: string) => () => {
    log(name)
  }
  return setup({ types: Fighter.types, guards: { weak: ({ context }) => context.hp < 0.3, dead: ({ context }) => context.hits > 400 } }).createMachine({
    id: 'fighter',
    context: Fighter.context,
    type: 'parallel',
    states: {
      body: {
        initial: 'well',
        states: {
          well: {
            entry: [note('enter well'), assign({ hp: 1 })],
            exit: note('exit well'),
            on: { Hit: { target: 'hurt', actions: [assign({ hp: ({ context, event }) => context.hp - event.damage, hits: ({ context }) => context.hits + 1 }), note('hit')] } },
          },
          hurt: {
            initial: 'walking',
            always: { guard: 'dead', target: 'gone' },
            on: {
              Hit: { actions: [assign({ hp: ({ context, event }) => context.hp * 0.97 - event.damage / 3, hits: ({ context }) => context.hits + 1 }), raise({ type: 'ouch' } as never)] },
              Heal: [{ guard: ({ event }) => event.amount > 0.5, target: 'well' }, { target: '.resting' }],
              Scare: 'hiding',
            },
            states: {
              walking: { on: { ouch: { target: 'limping', actions: note('ouch') } } as never },
              limping: { always: { guard: 'weak', target: 'resting' }, exit: note('exit limping') },
              resting: { on: { STEP: { actions: assign({ hp: ({ context }) => context.hp + 0.01 }) } } },
              past: { type: 'history', history: 'shallow' },
            },
          },
          hiding: { entry: note('hide'), on: { STEP: { target: 'hurt.past', actions: note('back') } } },
          gone: { entry: note('gone') },
        },
      },
      mind: {
        initial: 'calm',
        states: {
          calm: { on: { Scare: 'afraid' } },
          afraid: {
            on: {
              STEP: {
                actions: enqueueActions(((args: unknown) => {
                  const { enqueue, check, context: { spot } } = args as EnqueueArgs
                  enqueue(note('shiver'))
                  enqueue.assign({ spot: [spot[0] + 0.1, spot[1] * 1.1 + 0.3] })
                  if (check(() => spot[0] > 1)) enqueue.raise({ type: 'enough' })
                })),
              },
              enough: 'calm',
            } as never,
          },
        },
      },
    },
  })
}

/** The reference: XState itself, with every assign rounded as the columns do, by the same patched actions. */
function rounded(context: Record<string, unknown>): Record<string, unknown> {
  const { hp, hits, spot } = context as { hp: number; hits: number; spot: number[] }
  return { hp: Math.fround(hp), hits, spot: spot.map(Math.fround) }
}

/** All states of the machine above, as paths. */
const statePaths = ['body.well', 'body.hurt', 'body.hurt.walking', 'body.hurt.limping', 'body.hurt.resting', 'body.hiding', 'body.gone', 'mind.calm', 'mind.afraid']

/** A path as XState's matches takes it. */
function partialState(path: string): object | string {
  const [first, ...rest] = path.split('.')
  return rest.length === 0 ? first : { [first]: partialState(rest.join('.')) }
}

type Plain = { type: string } & Record<string, unknown>

function worldOf(entry: MachineKind, events: readonly Plain[], agents = 1): ReturnType<typeof createSimulation> {
  const types = { Hit, Heal, Scare }
  const drive = system({
    name: 'drive',
    kind: Fighter,
    run(rows, world) {
      const event = events[world.step]
      if (event.type === 'STEP') return
      const { type, ...payload } = event
      for (let row = rows.begin; row < rows.end; row++) world.send(row, types[type as keyof typeof types], rows.id(row), payload as never)
    },
  })
  const world = defineWorld({
    name: 'ring',
    kinds: [entry],
    init: ({ spawn }) => {
      for (let i = 0; i < agents; i++) spawn(Fighter, {})
    },
    systems: [drive],
    report: Object.fromEntries(statePaths.map((path) => [path, (w: { count(kind: typeof Fighter, state: string): number }) => w.count(Fighter, path)])),
  })
  return createSimulation({ world, threads: 0 })
}

describe('machineBehaviour', () => {
  it('equals createActor().send in state, context and action order after every event', () => {
    const seed = testSeed('machine differential', 11)
    const rng = testRng(seed).at(0, 0)
    const total = counts(3_000, 50_000)
    const events: Plain[] = Array.from({ length: total }, () => {
      const kindOfEvent = rng.below(4)
      if (kindOfEvent === 0) return { type: 'Hit', damage: Math.fround(rng.unit() * 0.1) }
      if (kindOfEvent === 1) return { type: 'Heal', amount: Math.fround(rng.unit()) }
      if (kindOfEvent === 2) return { type: 'Scare', by: rng.below(9) }
      return { type: 'STEP' }
    })
    const ours: string[] = []
    const theirs: string[] = []
    const simulation = worldOf(Fighter.with(fighterMachine((name) => ours.push(name))), events)
    const reference = createReference((name) => theirs.push(name))
    expect(ours).toEqual(theirs)
    for (let step = 0; step + 1 < total; step++) {
      // What is sent in a step arrives in the next, before its STEP.
      const arrived = step === 0 ? { type: 'STEP' } : events[step - 1]
      simulation.step()
      if (arrived.type !== 'STEP') reference.send({ ...arrived, sender: 0 })
      reference.send({ type: 'STEP' })
      const agent = simulation.agent(Fighter, 0)
      const { context } = reference.getSnapshot()
      expect({ hp: agent['hp'], hits: agent['hits'], spot: agent['spot'] }, `step ${step}`).toEqual(rounded(context))
      expect(ours.length, `step ${step}`).toBe(theirs.length)
      const snapshot = reference.getSnapshot()
      const active = statePaths.filter((path) => snapshot.matches(partialState(path)))
      const report = simulation.report()
      expect(statePaths.filter((path) => report[path] === 1), `step ${step}`).toEqual(active)
    }
    expect(ours).toEqual(theirs)
    expect(ours.length).toBeGreaterThan(100)
  })

  it('sends typed messages with the sender, replies arrive in the next step', () => {
    const Ping = message('Ping', { n: u32 })
    const Pong = message('Pong', { n: u32 })
    const Peer = kind('peer', { columns: { pings: u32, pongs: u32, partner: agentId }, receives: [Ping, Pong] })
    const machine = setup({ types: Peer.types }).createMachine({
      id: 'peer',
      context: Peer.context,
      on: {
        Ping: { actions: [assign({ pings: ({ context }) => context.pings + 1 }), send(Pong, ({ event }) => event.sender, ({ event }) => ({ n: event.n }))] },
        Pong: { actions: assign({ pongs: ({ context, event }) => context.pongs + event.n, partner: ({ event }) => event.sender }) },
        STEP: { guard: ({ context }) => context.partner !== 0, actions: send(Ping, ({ context }) => context.partner, { n: 2 }) },
      },
    })
    const world = defineWorld({
      name: 'pair',
      kinds: [Peer.with(machine)],
      init: ({ spawn }) => {
        spawn(Peer, { partner: spawn(Peer, {}) })
      },
    })
    const simulation = createSimulation({ world, threads: 0 })
    simulation.step(3)
    expect([simulation.get(Peer, 0, 'pings'), simulation.get(Peer, 1, 'pongs')]).toEqual([2, 2])
    // The first row of the first kind is somebody, too.
    expect(simulation.get(Peer, 1, 'partner')).toBeGreaterThan(0)
  })

  it('runs after in steps, from columns alone: a restored state goes on the same way', () => {
    const Lamp = kind('lamp', { columns: { flips: u32 } })
    const machine = setup({ types: Lamp.types }).createMachine({
      id: 'lamp',
      context: Lamp.context,
      initial: 'off',
      states: { off: { after: { 3: 'on' } }, on: { entry: assign({ flips: ({ context }) => context.flips + 1 }), after: { 2: 'off' } } },
    })
    const world = defineWorld({ name: 'lamps', kinds: [Lamp.with(machine)], init: ({ spawn }) => void spawn(Lamp, {}), report: { lit: (w) => w.count(Lamp, 'on') } })
    const simulation = createSimulation({ world, threads: 0 })
    const lit: number[] = []
    for (let i = 0; i < 12; i++) {
      simulation.step()
      lit.push(simulation.report()['lit'])
    }
    expect(lit).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0])
    const copy = createSimulation({ world, threads: 0, from: simulation.keyframe() })
    simulation.step(20)
    copy.step(20)
    expect(copy.hash).toBe(simulation.hash)
  })

  it('remembers the history of its states in columns: a state restored in between goes back to the same one', () => {
    const Fan = kind('fan', { columns: { gear: u32, calls: u32 } })
    const machine = setup({ types: Fan.types }).createMachine({
      id: 'fan',
      context: Fan.context,
      type: 'parallel',
      states: {
        motor: {
          initial: 'turning',
          states: {
            turning: {
              initial: 'slow',
              states: { slow: { entry: assign({ gear: 1 }), after: { 3: 'fast' } }, fast: { entry: assign({ gear: 2 }), after: { 3: 'slow' } }, last: { type: 'history' } },
              after: { 5: 'stopped' },
            },
            stopped: { entry: assign({ gear: 0 }), after: { 2: 'turning.last' } },
          },
        },
        counter: { on: { STEP: { actions: assign({ calls: ({ context }) => context.calls + 1 }) } } },
      },
    })
    const world = defineWorld({ name: 'fans', kinds: [Fan.with(machine)], init: ({ spawn }) => void spawn(Fan, {}) })
    const simulation = createSimulation({ world, threads: 0 })
    const gears: unknown[] = []
    const hashes: string[] = []
    const keyframes: Uint8Array[] = []
    for (let step = 0; step < 16; step++) {
      simulation.step()
      gears.push(simulation.get(Fan, 0, 'gear'))
      hashes.push(simulation.hash)
      keyframes.push(simulation.keyframe())
    }
    expect(gears).toEqual([1, 1, 1, 2, 2, 0, 0, 2, 2, 2, 1, 1, 0, 0, 1, 1])
    for (const [step, from] of keyframes.entries()) {
      const copy = createSimulation({ world, threads: 0, from })
      copy.step(15 - step)
      expect([step, copy.hash]).toEqual([step, hashes[15]])
    }
  })

  it.each(['compiled', 'interpreted'] as const)('%s, lets functions keep what XState would let them keep', (machines) => {
    const Pair = kind('pair', { columns: { n: u32, m: u32, at: vec(f32, 2), sum: f32 }, receives: [] })
    const sums = new WeakMap<object, number>()
    const sumOf = (at: readonly number[]): number => {
      const known = sums.get(at) ?? at[0] + at[1]
      sums.set(at, known)
      return known
    }
    const machine = setup({ types: Pair.types, actions: { add: assign({ sum: ({ context }) => sumOf(context.at) }) } }).createMachine({
      id: 'pair',
      initial: 'a',
      context: Pair.context,
      states: {
        a: {
          on: {
            STEP: {
              actions: [
                'add',
                // What the function saw is what the assigners it asks for see in it, whatever was assigned in between.
                enqueueActions(((args: unknown) => {
                  const { context, enqueue } = args as EnqueueArgs & { readonly context: { readonly n: number } }
                  enqueue.assign({ n: 7 })
                  enqueue.assign({ m: () => context.n })
                })),
                raise((({ context }: { context: object }) => ({ type: 'kept', context }))),
                assign({ at: [9, 9] }),
              ],
            },
            kept: { guard: ({ event }: { event: { context: { at: number[] } } }) => event.context.at[0] !== 9, target: 'b' },
          } as never,
        },
        b: {},
      },
    })
    const world = defineWorld({ name: 'pairs', kinds: [Pair.with(machine)], init: ({ spawn }) => {
      spawn(Pair, { n: 1, at: [1, 2] })
      spawn(Pair, { n: 2, at: [10, 20] })
    } })
    const simulation = createSimulation({ world, threads: 0, machines })
    simulation.step()
    expect([0, 1].map((row) => [simulation.get(Pair, row, 'n'), simulation.get(Pair, row, 'm'), simulation.get(Pair, row, 'sum')])).toEqual([[7, 1, 3], [7, 2, 30]])
  })

  it('shows states, tags and meta of own rows to systems', () => {
    const Lamp = kind('lamp', { columns: { bright: u32 }, receives: [] })
    const machine = createMachine({
      id: 'lamp', initial: 'off',
      states: { off: { on: { STEP: 'on' } }, on: { tags: 'lit', meta: { watts: 9 }, initial: 'dim', states: { dim: { on: { STEP: 'full' } }, full: { tags: ['lit', 'hot'] } } } },
    })
    const seen: unknown[] = []
    const look = system({ name: 'look', kind: Lamp, run: ({ states }) => {
      seen.push([states.matches(0, 'on'), states.matches(0, 'on.full'), states.hasTag(0, 'lit'), states.hasTag(0, 'hot'), states.meta(0)])
    } })
    const world = (systems: readonly ReturnType<typeof system>[], entry: MachineKind | typeof Lamp = Lamp.with(machine)): ReturnType<typeof createSimulation> =>
      createSimulation({ world: defineWorld({ name: 'lamps', kinds: [entry], init: ({ spawn }) => { spawn(Lamp, {}) }, systems }), threads: 0 })
    const lamps = world([look])
    for (let step = 0; step < 3; step++) lamps.step()
    expect(seen).toEqual([[true, false, true, false, { 'lamp.on': { watts: 9 } }], [true, true, true, true, { 'lamp.on': { watts: 9 } }], [true, true, true, true, { 'lamp.on': { watts: 9 } }]])
    const asking = (ask: (states: Parameters<Parameters<typeof system<typeof Lamp>>[0]['run']>[0]['states']) => unknown) => () => {
      world([system({ name: 'ask', kind: Lamp, run: ({ states }) => { ask(states) } })]).step()
    }
    expect(asking((states) => states.matches(0, 'broken'))).toThrow("the machine of lamp has no state 'broken'; choose from off, on, on.dim, on.full")
    expect(asking((states) => states.hasTag(0, 'loud'))).toThrow("the machine of lamp has no tag 'loud'; choose from lit, hot")
    expect(asking((states) => states.meta(1))).toThrow('system ask asks for the state of row 1 of lamp, which is outside the rows it was given')
    expect(() => { world([look], Lamp).step() }).toThrow('kind lamp has no machine to be in a state')
  })

  it('rolls the same however often a guard is asked, and differently for agents and steps', () => {
    const Die = kind('die', { columns: { last: f32, again: f32, own: agentId } })
    const machine = setup({ types: Die.types }).createMachine({
      id: 'die',
      context: Die.context,
      on: {
        STEP: [
          { guard: chance('never', 0), actions: assign({ last: -1 }) },
          { actions: assign({ last: (args) => roll(args, 'x'), again: (args) => roll(args, 'x'), own: (args) => selfId(args) }) },
        ],
      },
    })
    const world = defineWorld({
      name: 'dice',
      kinds: [Die.with(machine)],
      init: ({ spawn }) => {
        for (let i = 0; i < 50; i++) spawn(Die, {})
      },
    })
    const simulation = createSimulation({ world, seed: 4, threads: 0 })
    const seen = new Set<unknown>()
    for (let step = 0; step < 4; step++) {
      simulation.step()
      for (let row = 0; row < 50; row++) {
        expect(simulation.get(Die, row, 'last')).toBe(simulation.get(Die, row, 'again'))
        seen.add(simulation.get(Die, row, 'last'))
      }
    }
    expect(seen.size).toBe(200)
  })
})

interface ReferenceSnapshot {
  readonly context: Record<string, unknown>
  matches(value: object | string): boolean
}

/** XState's own actor of the same machine; its assigns are rounded by the numbers it is given. */
function createReference(log: (name: string) => void): { send(event: Plain): void; getSnapshot(): ReferenceSnapshot } {
  const machine = fighterMachine(log)
  roundReference(machine)
  const actor = createActor(machine, { id: 'reference', input: undefined })
  actor.start()
  return { send: (event) => actor.send(event), getSnapshot: () => actor.getSnapshot() }
}

interface Resolvable {
  readonly type?: string
  resolve?: (...args: unknown[]) => [{ context: Record<string, unknown> }, unknown, Resolvable[] | undefined]
}

/** Independent of the code under test: rounds f32 fields after every assign. */
function roundReference(machine: AnyStateMachine): void {
  const hook = (action: Resolvable): void => {
    const original = action.resolve
    if (original === undefined) return
    if (action.type === 'xstate.assign') {
      action.resolve = (...args) => {
        const result = original(...args)
        Object.assign(result[0].context, rounded(result[0].context))
        return result
      }
    } else if (action.type === 'xstate.enqueueActions') {
      action.resolve = (...args) => {
        const result = original(...args)
        result[2]?.forEach(hook)
        return result
      }
    }
  }
  const visit = (node: AnyStateMachine['root']): void => {
    const transitions = [...node.transitions.values()].flat() as { actions: readonly unknown[] }[]
    for (const action of [...node.entry, ...node.exit, ...transitions.flatMap((each) => each.actions)]) if (typeof action === 'function') hook(action as Resolvable)
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(machine.root)
}

it('guards of guards are what they are, whatever a bundler calls them', () => {
  const Door = kind('door', { columns: { n: u32 } })
  const renamed = <T extends object>(guard: T): T => Object.defineProperty(guard, 'name', { value: 'e' })
  const no = (): boolean => false
  const machine = createMachine({
    id: 'door',
    on: { STEP: [{ guard: renamed(and([no, () => true])), actions: assign({ n: 1 }) }, { guard: renamed(or([no])), actions: assign({ n: 2 }) }, { guard: renamed(not(no)), actions: assign({ n: 3 }) }] },
  })
  const simulation = createSimulation({ world: defineWorld({ name: 'doors', kinds: [Door.with(machine)], init: ({ spawn }) => void spawn(Door, {}) }), threads: 0 })
  simulation.step()
  expect(simulation.get(Door, 0, 'n')).toBe(3)
})

describe('a machine that can not run in a swarm', () => {
  const Thing = kind('thing', { columns: { n: u32 } })
  const worldWith = (machine: AnyStateMachine) => () =>
    createSimulation({ world: defineWorld({ name: 'things', kinds: [Thing.with(machine)], init: ({ spawn }) => void spawn(Thing, {}) }), threads: 0 })

  it('with invoke is refused by machine, state and construct', () => {
    const machine = createMachine({ id: 'caller', initial: 'calling', states: { calling: { invoke: { src: 'phone' } } } })
    expect(worldWith(machine)).toThrow("machine caller: invoke can't run in a swarm (state caller.calling); do the work in a system, or ask another agent by message")
  })

  it('with a context field without a column is refused by field', () => {
    const machine = createMachine({ id: 'm', context: { n: 0, mood: 'bad' } })
    expect(worldWith(machine)).toThrow("machine m: the context field 'mood' has no column in kind thing (context); declare it in columns of thing, or take it out")
  })

  it('that waits for an event nobody sends is refused by name', () => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: { on: { Knock: 'a' } } } })
    expect(worldWith(machine)).toThrow('machine m: it waits for Knock, which nobody sends to thing (state m.a)')
  })

  it('that names an action or a delay it does not have is refused by name', () => {
    expect(worldWith(createMachine({ id: 'm', initial: 'a', states: { a: { entry: 'shuot' } } }))).toThrow("machine m: there is no action 'shuot' (state m.a); give it in setup({ actions }), or mend the name; there are none")
    expect(worldWith(createMachine({ id: 'm', initial: 'a', states: { a: { after: { nap: 'b' } }, b: {} } }))).toThrow("machine m: there is no delay 'nap' (state m.a)")
  })

  it.each<[string, Parameters<typeof enqueueActions>[0], string]>([
    ['raises later', ({ enqueue }) => { enqueue.raise({ type: 'X' }, { delay: 3 }) }, "machine m: a delayed X can't run in a swarm"],
    ['spawns a child', ({ enqueue }) => { enqueue.spawnChild(createMachine({}), { id: 'c' }) }, "machine m: spawnChild can't run in a swarm"],
    ['emits what is no message', ({ enqueue }) => { enqueue.emit({ type: 'e' }) }, 'e is emitted, which is no message of this world'],
    ['sends to itself', ({ self }) => { self.send({ type: 'X' }) }, "machine m: self.send can't run in a swarm"],
    ['asks the system', ({ system }) => { system.get('x') }, "machine m: system.get can't run in a swarm"],
  ])('that %s inside an action is refused by what it does', (_, act, message) => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: { entry: enqueueActions(act), on: { X: {} } } } })
    expect(worldWith(machine)).toThrow(message)
  })

  it('that writes its context, rather than assigning, is refused', () => {
    const write = ({ context }: { readonly context: unknown }): void => {
      (context as { n: number }).n = 5
    }
    for (const actions of [[write], [assign({ n: 3 }), write]]) {
      const simulation = worldWith(createMachine({ id: 'm', initial: 'a', states: { a: { on: { STEP: { actions } } } } }))()
      expect(() => {
        simulation.step()
      }).toThrow('the machine m threw: Cannot set property n')
    }
  })

  it('without a context sees its columns; a constant one gives what a birth left at zero', () => {
    const Sum = kind('sum', { columns: { n: u32, m: u32 } })
    const blank = createMachine({ id: 'blank', initial: 'a', states: { a: { always: { guard: ({ context }) => (context as { n: number }).n === 3, target: 'b' } }, b: { entry: assign({ m: 50 }) } } })
    const constant = createMachine({ id: 'constant', context: { n: 7, m: 8 } })
    const values = (machine: AnyStateMachine): unknown[] => {
      const simulation = createSimulation({ world: defineWorld({ name: 'sums', kinds: [Sum.with(machine)], init: ({ spawn }) => void spawn(Sum, { n: 3 }) }), threads: 0 })
      return [simulation.get(Sum, 0, 'n'), simulation.get(Sum, 0, 'm')]
    }
    expect([values(blank), values(constant)]).toEqual([[3, 50], [3, 8]])
  })

  it('that goes round in circles is stopped', () => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: { always: 'b' }, b: { always: 'a' } } })
    expect(worldWith(machine)).toThrow('machine m does not come to rest: its raise or always transitions go round in circles')
  })

  it('whose action throws is named with kind, row, state and event', () => {
    const machine = createMachine({
      id: 'm',
      on: {
        STEP: {
          actions: () => {
            throw new Error('no luck')
          },
        },
      },
    })
    const simulation = worldWith(machine)()
    expect(() => {
      simulation.step()
    }).toThrow(/the machine m threw: no luck \(step 0, thing 0 in .*, event STEP\)/)
  })

  it('that assigns what does not fit its column is named with kind and column', () => {
    const machine = createMachine({ id: 'm', on: { STEP: { actions: assign({ n: 1.5 }) } } })
    const simulation = worldWith(machine)()
    expect(() => {
      simulation.step()
    }).toThrow(/thing\.n: expected an integer from 0 to 4294967295, got 1\.5/)
  })
})

it('settings reach init with their types', () => {
  const Dot = kind('dot', { columns: { n: u32 } })
  const config = { dots: int(3, { min: 1, max: 10 }) }
  const world = defineWorld({
    name: 'dots',
    config,
    kinds: [Dot],
    init: ({ spawn, config: { dots } }) => {
      for (let i = 0; i < dots; i++) spawn(Dot, { n: i })
    },
  })
  expect(createSimulation({ world, threads: 0, config: { dots: 5 } }).count(Dot)).toBe(5)
})

describe('machines of a world', () => {
  it.each(['compiled', 'interpreted'] as const)('are held to the limits of messages, however long they have kept them: %s', (machines) => {
    const Go = message('Go', {})
    const Word = message('Word', { n: u32 }, { perSender: 3 })
    const Talker = kind('talker', { columns: { n: u32 }, receives: [Go, Word], rowsMax: 8 })
    const machine = setup({ types: Talker.types }).createMachine({
      id: 'talker',
      context: Talker.context,
      on: { Go: { actions: send(Word, selfId, { n: 1 }) } },
    })
    const pace = system({ name: 'pace', kind: Talker, run: (rows, world) => {
      for (let row = rows.begin; row < rows.end; row++) for (let i = 0; i < (world.step === 200 && row > 2 ? 4 : 1); i++) world.send(row, Go, rows.id(row), {})
    } })
    const world = defineWorld({ name: 'talk', kinds: [Talker.with(machine)], systems: [pace], init: ({ spawn }) => {
      for (let n = 0; n < 5; n++) spawn(Talker, { n })
    } })
    const simulation = createSimulation({ world, threads: 0, machines })
    simulation.step(201)
    expect(() => {
      simulation.step()
    }).toThrow('an agent sent more than 3 Word messages in one step (step 201, talker 3)')
  })

  it('share what is known of a machine, all kinds of a world', () => {
    const [A, B] = ['a', 'b'].map((name) => kind(name, { columns: {} }))
    const machine = createMachine({ id: 'shared', initial: 'one', states: { one: { after: { 1: 'two' } }, two: {} } })
    let made = 0
    const provide = machine.provide.bind(machine)
    machine.provide = (implementations) => {
      made++
      return provide(implementations)
    }
    const world = defineWorld({ name: 'twins', kinds: [A.with(machine), B.with(machine)], init: ({ spawn }) => {
      spawn(A, {})
      spawn(B, {})
    } })
    createSimulation({ world, threads: 0 }).step(3)
    expect(made).toBe(1)
  })
})
