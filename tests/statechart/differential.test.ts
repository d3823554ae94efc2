import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { counts, testSeed } from '../counts.ts'
import { executors } from './agents.ts'
import { crowdDifference, difference, executorTrace, referenceTrace } from './differential.ts'
import { machineCases, type ActionPlan, type MachineCase, type StatePlan, type TransitionPlan } from './machine-plans.ts'
import { caseText } from './machine-text.ts'

/** Milliseconds for as many machines as there are. */
const timeout = counts(120_000, 1_800_000)

/** Runs a property of machines; the first that breaks it is made minimal, and printed with what it does. */
function firstBroken(seed: number, numRuns: number, broken: (machineCase: MachineCase) => string | undefined): { readonly found: MachineCase; readonly text: string } | undefined {
  const { counterexample } = fc.check(fc.property(machineCases(), (machineCase) => broken(machineCase) === undefined), { seed, numRuns })
  if (counterexample === null) return undefined
  const [found] = counterexample
  return { found, text: `${caseText(found)}\n${String(broken(found))}` }
}

/** A plan whose first list with two different neighbours, of those that `lists` gives for a state, has them swapped. */
function swapped<T>(state: StatePlan, list: (state: StatePlan) => readonly T[], withList: (state: StatePlan, list: readonly T[]) => StatePlan): StatePlan {
  const own = list(state)
  const at = own.findIndex((each, i) => i > 0 && JSON.stringify(each) !== JSON.stringify(own[i - 1]))
  if (at > 0) return withList(state, own.with(at - 1, own[at]).with(at, own[at - 1]))
  for (const [i, child] of state.states.entries()) {
    const mutated = swapped(child, list, withList)
    if (mutated !== child) return { ...state, states: state.states.with(i, mutated) }
  }
  return state
}

const swaps: Readonly<Record<string, (root: StatePlan) => StatePlan>> = {
  'two actions of an entry': (root) => swapped<ActionPlan>(root, ({ entry }) => entry, (state, entry) => ({ ...state, entry })),
  'two actions of an exit': (root) => swapped<ActionPlan>(root, ({ exit }) => exit, (state, exit) => ({ ...state, exit })),
  'two guarded transitions of an event': (root) => swapped<TransitionPlan>(root, ({ on }) => on.at(0)?.choices ?? [], (state, choices) => ({ ...state, on: [{ ...state.on[0], choices }, ...state.on.slice(1)] })),
}

function countStates(state: StatePlan): number {
  return state.states.reduce((count, child) => count + countStates(child), 1)
}

describe.each(executors)('random machines, %s', (executor) => {
  it('equal createActor().send in state, context, timers and action order after every turn', { timeout }, () => {
    const broken = firstBroken(testSeed('random machines', 5), counts(150, 10_000), (each) => difference(referenceTrace(each), executorTrace(each, { executor })))
    expect(broken?.text).toBeUndefined()
  })

  it('go on the same from columns alone', { timeout }, () => {
    const broken = firstBroken(testSeed('forgetful machines', 6), counts(50, 2_000), (each) => difference(referenceTrace(each), executorTrace(each, { executor, forgetful: true })))
    expect(broken?.text).toBeUndefined()
  })

  it.each(Object.keys(swaps))('differ, down to a machine of few states, when one side has %s swapped', (what) => {
    const broken = firstBroken(testSeed('swapped', 7), 300, (each) => difference(referenceTrace(each), executorTrace(each, { executor, root: swaps[what](each.root) })))
    expect(broken?.text).toMatch(/^after turn/m)
    expect(countStates((broken as { readonly found: MachineCase }).found.root)).toBeLessThanOrEqual(3)
  })
})

it('random machines keep the same columns whichever executor runs them', { timeout }, () => {
  const broken = firstBroken(testSeed('columns of machines', 8), counts(100, 4_000), (each) => {
    const [one, other] = executors.map((executor) => executorTrace(each, { executor, columns: true }))
    return difference(one, other)
  })
  expect(broken?.text).toBeUndefined()
})

it('crowds of random machines equal one createActor() for each', { timeout }, () => {
  const broken = firstBroken(testSeed('crowds', 9), counts(50, 1_000), (each) => crowdDifference(each, { rows: [100] }))
  expect(broken?.text).toBeUndefined()
})

it.each([
  { configurations: 3, branches: 7 },
  { configurations: 1, branches: 1 },
])('crowds that share a machine whose tables are forgotten all the time equal one createActor() for each: $configurations, $branches', { timeout }, (tables) => {
  const broken = firstBroken(testSeed('forgetful crowds', 10), counts(15, 500), (each) => crowdDifference(each, { rows: [40, 3, 77], tables }))
  expect(broken?.text).toBeUndefined()
})
