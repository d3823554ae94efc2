import { describe, expect, it } from 'vitest'
import { actorOf, agentOf, isStructural, readCases, runCase, type Case, type Outcome } from './scxml-cases.ts'

const cases = readCases()

/** What XState takes differently from the recommendation. */
const differsInXState: Readonly<Record<string, string>> = {
  'w3c-ecma/test198': 'events have no origintype',
  'w3c-ecma/test319': '_event is bound before the first event',
  'w3c-ecma/test330': 'events have no other fields than name and data',
  'w3c-ecma/test351': 'events have no sendid',
  'w3c-ecma/test352': 'events have no origintype',
  'w3c-ecma/test409': 'In() of a state that is being exited',
  'w3c-ecma/test411': 'In() of a state that is being entered',
  'w3c-ecma/test553': 'an error in an expression is no event',
}

/** What XState passes and agents can't run. */
const notForAgents: Readonly<Record<string, string>> = {
  'assign/assign_obj_literal': 'data that is neither number nor boolean',
  'data/data_obj_literal': 'data that is neither number nor boolean',
  'w3c-ecma/test172': 'names of events from data',
  'w3c-ecma/test175': 'delays from data',
  'w3c-ecma/test186': 'delayed events with data',
  'w3c-ecma/test318': 'data that is neither number nor boolean',
  'w3c-ecma/test342': 'names of events from data',
  'w3c-ecma/test445': 'data that is looked at before it has a value',
  'w3c-ecma/test453': 'data that is neither number nor boolean',
}

/** What XState's own reader of SCXML makes machines of, and XState passes, that is not read here. */
const readByXState: Readonly<Record<string, string>> = {
  'w3c-ecma/test173': 'send to another processor',
  'w3c-ecma/test174': 'send to another processor',
  'w3c-ecma/test187': '<invoke>',
  'w3c-ecma/test190': 'system variables',
  'w3c-ecma/test191': '<invoke>',
  'w3c-ecma/test192': 'send to another session',
  'w3c-ecma/test201': 'send to another processor',
  'w3c-ecma/test220': '<invoke>',
  'w3c-ecma/test232': '<invoke>',
  'w3c-ecma/test235': '<invoke>',
  'w3c-ecma/test237': '<invoke>',
  'w3c-ecma/test247': '<invoke>',
  'w3c-ecma/test336': 'send to another processor',
  'w3c-ecma/test347': 'send to another session',
  'w3c-ecma/test349': 'send to another processor',
}

/** Cases that are not read, by what they are about. */
const unreadable: Readonly<Record<string, number>> = {
  '<cancel> without sendid': 1,
  '<donedata>': 7,
  '<foreach>': 4,
  '<invoke>': 34,
  'data written in place': 12,
  'errors in expressions as events': 15,
  'events with content': 7,
  'history with actions': 1,
  'ids of sent events': 3,
  'initial states deeper than children': 1,
  'late binding': 2,
  'scripts that declare': 8,
  'send to another processor': 6,
  'send to another session': 9,
  'system variables': 12,
}

function outcomes(make: (each: Case) => ReturnType<typeof actorOf>): ReadonlyMap<string, Outcome> {
  return new Map(cases.map((each) => [each.name, runCase(each, make)]))
}

const passed = (results: ReadonlyMap<string, Outcome>): string[] => [...results].filter(([, { kept }]) => kept !== undefined).map(([name]) => name)
const reasons = (results: ReadonlyMap<string, Outcome>, names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, results.get(name)?.unreadable]))

describe('SCXML', () => {
  const xstate = outcomes(actorOf)
  const interpreted = outcomes((each) => agentOf(each, 'interpreted'))
  const compiled = outcomes((each) => agentOf(each, 'compiled'))
  const runs = passed(xstate).filter((name) => !(name in notForAgents))

  it('has the cases these numbers are about', () => {
    expect(cases).toHaveLength(316)
    expect(cases.filter(isStructural)).toHaveLength(98)
  })

  it('machines of XState pass the cases that can be read, but for what XState takes differently', () => {
    expect(passed(xstate)).toHaveLength(186)
    expect([...xstate].filter(([, { difference }]) => difference !== undefined).map(([name]) => name)).toEqual(Object.keys(differsInXState).sort())
    const counts: Record<string, number> = {}
    for (const { unreadable: reason } of xstate.values()) if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1
    expect(counts).toEqual(unreadable)
  })

  it.each([
    ['interpreted', interpreted],
    ['compiled', compiled],
  ])('agents pass, %s, every case that XState passes, but for those that can not be agents', (_, results) => {
    expect(runs).toHaveLength(177)
    expect(passed(results)).toEqual(runs)
    expect(reasons(results, Object.keys(notForAgents))).toEqual(notForAgents)
  })

  it('agents pass every case about states, transitions and events', () => {
    const names = cases.filter(isStructural).map(({ name }) => name)
    expect(names.filter((name) => compiled.get(name)?.kept === undefined)).toEqual([])
    expect(names.filter((name) => interpreted.get(name)?.kept === undefined)).toEqual([])
  })

  it('compiled and interpreted agents keep the same columns after every event, in cases they pass or not', () => {
    for (const name of runs) expect(compiled.get(name)?.kept, name).toEqual(interpreted.get(name)?.kept)
    for (const name of Object.keys(differsInXState)) expect(compiled.get(name), name).toEqual(interpreted.get(name))
  })

  it('what XState reads itself and is not read here has a reason', () => {
    expect(reasons(xstate, Object.keys(readByXState))).toEqual(readByXState)
  })

  it('a wrong expectation is seen in every case that runs', () => {
    const wrong = (each: Case): Case => ({ ...each, expectation: { initialConfiguration: each.expectation.initialConfiguration, events: [...each.expectation.events, { event: { name: '' }, nextConfiguration: ['nowhere'] }] } })
    const seen = cases.filter(({ name }) => runs.includes(name)).map((each) => runCase(wrong(each), (made) => agentOf(made, 'compiled')).difference)
    expect(seen.filter((difference) => difference?.endsWith('expected nowhere') !== true)).toEqual([])
  })
})
