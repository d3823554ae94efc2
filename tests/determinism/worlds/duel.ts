/** A small world in which every way to change a value occurs: machines by message and by clock, systems, births, deaths and inputs. */
import { assign, setup } from 'xstate'
import { defineWorld, f32, kind, message, real, send, sequential, system, u32, vec } from 'metabonk'

const Blow = message('Blow', { damage: f32 })
const Cheer = message('Cheer', {})

const Fighter = kind('fighter', { published: { at: vec(f32, 2) }, columns: { health: f32, mood: f32, blows: u32, seen: u32 }, receives: [Blow, Cheer], rowsMax: 64 })
const Rat = kind('rat', { columns: { age: u32 }, rowsMax: 32, whenFull: 'refuse' })

const settings = { force: real(1, { min: 0, max: 10, live: true, about: 'of a blow' }), rats: real(0.3, { min: 0, max: 1, about: 'chance of a rat in a step' }) }

const fighter = setup({ types: Fighter.types, guards: { weak: ({ context }) => context.health < 20 } }).createMachine({
  id: 'fighter',
  initial: 'up',
  context: Fighter.context,
  states: {
    up: {
      on: {
        Blow: { actions: [assign({ health: ({ context, event }) => context.health - event.damage }), send(Cheer, ({ event }) => event.sender, {})] },
        Cheer: { actions: assign({ mood: ({ context }) => context.mood + 1 }) },
        STEP: { guard: 'weak', target: 'down' },
      },
    },
    down: {
      after: { 10: { target: 'up', actions: assign({ health: 100 }) } },
    },
  },
})

export default defineWorld({
  name: 'duel',
  config: settings,
  stepMillis: 1,
  kinds: [Fighter.with(fighter), Rat],
  init: ({ spawn, rng }) => {
    for (let i = 0; i < 12; i++) spawn(Fighter, { at: [rng.unit() * 100, rng.unit() * 100], health: 100 })
  },
  systems: [
    system({ name: 'strike', kind: Fighter, config: settings, run: (rows, world) => {
      const fighters = world.others(Fighter)
      for (let row = rows.begin; row < rows.end; row++) {
        const rng = world.rng('strike', row)
        if (rng.unit() > 0.2) continue
        const other = Math.floor(rng.unit() * fighters.rows)
        if (other === row) continue
        world.send(row, Blow, fighters.id(other), { damage: world.config.force * Math.floor(1 + rng.unit() * 10) })
        rows.write.blows[row]++
      }
    } }),
    system({ name: 'grow', kind: Rat, run: (rows, world) => {
      for (let row = rows.begin; row < rows.end; row++) {
        if (rows.alive[row] !== 1) continue
        rows.write.age[row]++
        if (rows.read.age[row] > 20) world.kill(row)
      }
    } }),
    sequential({ name: 'gather', kinds: [Fighter, Rat], config: settings, run: (world) => {
      const fighters = world.rows(Fighter)
      if (world.rng('gather', 0).unit() < world.config.rats) world.spawn(Rat, {})
      fighters.write.seen[world.step % 12] = world.rows(Rat).end
      if (world.step % 50 === 49) world.send(Cheer, fighters.id(3), {})
    } }),
  ],
  report: { rats: (view) => view.count(Rat), health: (view) => view.sum(Fighter, 'health') },
})
