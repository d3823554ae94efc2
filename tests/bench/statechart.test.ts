import { initialTransition, transition, type AnyMachineSnapshot } from 'xstate'
import { describe, expect, it } from 'vitest'
import { expectSame, type Crowd, type Digest } from '../../bench/models/crowd.ts'
import { Plant, plantMachine, plantTraffic } from '../../bench/models/plant.ts'
import { Population } from '../../bench/models/population.ts'
import { Sentry, sentryMachine, sentryTraffic } from '../../bench/models/sentry.ts'
import { period } from '../../bench/models/traffic.ts'
import { startHandwritten } from '../../bench/peers/handwritten.ts'
import { startRobots } from '../../bench/peers/robot3.ts'
import { startActors } from '../../bench/peers/xstate-actors.ts'
import { startStores } from '../../bench/peers/xstate-store.ts'
import { startTransitions } from '../../bench/peers/xstate-transition.ts'

const agents = 200
const steps = 3 * period

function after(crowd: Crowd): Digest {
  crowd.run(0, steps / 3)
  crowd.run(steps / 3, steps)
  return crowd.digest()
}

describe('the crowds of the statechart suite', () => {
  const actors = after(startActors({ machine: sentryMachine(), traffic: sentryTraffic, agents }))

  it('have agents in every state, and use every field', () => {
    expect([...actors.keys()].filter((key) => key.startsWith('in '))).toHaveLength(8)
    for (const [key, value] of actors) expect(value, key).toBeGreaterThan(0)
  })

  it.each<[string, () => Crowd]>([
    ['the population', () => new Population({ kind: Sentry, machine: sentryMachine(), traffic: sentryTraffic, agents })],
    ['transition()', () => startTransitions({ machine: sentryMachine(), traffic: sentryTraffic, agents })],
    ['robot3', () => startRobots(agents)],
    ['@xstate/store', () => startStores(agents)],
    ['the handwritten switch', () => startHandwritten(agents)],
  ])('%s comes to what actors come to', (name, start) => {
    expectSame(name, after(start()), actors)
  })

  it('come to the same with four regions', () => {
    const plants = { machine: plantMachine(), traffic: plantTraffic, agents }
    expectSame('the population', after(new Population({ kind: Plant, ...plants, machine: plantMachine() })), after(startActors(plants)))
  })

  it('can reach every configuration of four regions', () => {
    const machine = plantMachine()
    const found = [initialTransition(machine)[0] as AnyMachineSnapshot]
    const keyOf = ({ value, context }: AnyMachineSnapshot): string => {
      const { heat, mass } = context as { readonly heat: number; readonly mass: number }
      return JSON.stringify([value, heat > 8, mass > 15])
    }
    const known = new Set(found.map(keyOf))
    for (const snapshot of found) {
      for (const event of plantExtremes) {
        const [next] = transition(machine, snapshot, event)
        if (known.has(keyOf(next))) continue
        known.add(keyOf(next))
        found.push(next)
      }
    }
    expect(new Set(found.map(({ value }) => JSON.stringify(value))).size).toBe(320)
  })
})

/** Each message with the least, something in between and the most it can say. */
const plantExtremes = plantTraffic.arrivals.flatMap(({ type, field, values, unit }) => [0, Math.floor(values * 0.55) * unit, (values - 1) * unit].map((value) => ({ type: type.name, [field]: value })))

describe('expectSame', () => {
  it('names what differs, also where one lacks it', () => {
    const wanted = new Map([['in downed', 3]])
    expect(() => {
      expectSame('robot3', new Map([['in downed', 2]]), wanted)
    }).toThrow('robot3 came to 2 in downed, not 3')
    expect(() => {
      expectSame('robot3', new Map([...wanted, ['in duty', 1]]), wanted)
    }).toThrow('robot3 came to 1 in duty, not 0')
    expectSame('robot3', new Map(wanted), wanted)
  })
})
