import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { agentKey } from '../../actors/statechart/agent.ts'
import { hashText, type AgentId } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { Agents, executors, type Mail, type SentMail } from './agents.ts'
import { ReferenceActor } from './reference.ts'
import { Sentry, sentryMachine } from './sentry.ts'

const agentCount = 100

type Random = ReturnType<ReturnType<typeof testRng>['at']>

function rollOf(step: number, row: number, name: string): number {
  return hashText(`${step} ${row} ${name}`) / 4_294_967_296
}

/** Messages as often as they are listed, their numbers as 32 bits keep them. */
const mailTypes = ['Hit', 'Hit', 'Hit', 'Hit', 'Heal', 'Heal', 'Spotted', 'Spotted', 'Spotted', 'Spotted', 'Lost', 'Order', 'Report'] as const

function drawMail(random: Random, ids: readonly AgentId[]): Mail {
  const unit = (): number => Math.fround(random.unit())
  const enemy = ids[random.below(ids.length)]
  const type = mailTypes[random.below(mailTypes.length)]
  switch (type) {
    case 'Hit':
      return { type, payload: { damage: Math.fround(random.unit() * 0.15), by: random.below(3) === 0 ? 0 : enemy } }
    case 'Heal':
      return { type, payload: { amount: unit() } }
    case 'Spotted':
      return { type, payload: { enemy, at: [unit(), unit()] } }
    case 'Lost':
      return { type, payload: {} }
    case 'Order':
      return { type, payload: { rank: random.below(10), urgent: random.below(2) } }
    case 'Report':
      return { type, payload: { hp: unit(), state: random.below(5) } }
  }
}

describe.each(executors)('a sentry, %s', (executor) => {
  it('equals one createActor() for each agent in state, context, timers, mail and action order after every step', { timeout: counts(120_000, 1_800_000) }, () => {
    const random = testRng(testSeed('sentries', 21)).at(0, 0)
    const [ours, theirs]: [string[], string[]] = [[], []]
    const agents = new Agents({ kind: Sentry, machine: sentryMachine({ log: (text) => ours.push(text), round: (value) => value }), executor, rows: agentCount, roll: rollOf })
    const ids = Array.from({ length: agentCount }, (_, row) => agents.table.idOfRow(row))
    const sent: SentMail[] = []
    const machine = sentryMachine({ log: (text) => theirs.push(text), round: Math.fround })
    const references = ids.map((id, row) => {
      const port = { id, roll: (name: string) => rollOf(agents.step, row, name), send: (type: { readonly name: string }, to: AgentId, payload: Mail['payload']) => sent.push({ row, type: type.name, to, payload }) }
      return new ReferenceActor(machine, { [agentKey]: port })
    })
    let mails = 0
    const visited = new Set<string>()
    for (let events = 0; events < counts(20_000, 1_000_000);) {
      const mail = ids.map(() => (random.below(5) < 3 ? [] : [drawMail(random, ids)]))
      references.forEach((reference, row) => {
        reference.turn(mail[row])
      })
      agents.turn((row) => mail[row])
      for (const [row, reference] of references.entries()) {
        events += mail[row].length + 1
        const one = { value: agents.value(row), context: agents.context(row), timers: agents.timers(row) }
        const other = { value: reference.value, context: { ...reference.context }, timers: reference.timers }
        Reflect.deleteProperty(other.context, agentKey)
        if (!isDeepStrictEqual(one, other)) expect(one, `step ${agents.step - 1}, agent ${row}`).toEqual(other)
        visited.add(JSON.stringify(one.value))
      }
      expect(ours.splice(0)).toEqual(theirs.splice(0))
      mails += sent.length
      expect(agents.sent.splice(0)).toEqual(sent.splice(0))
    }
    expect(visited.size).toBeGreaterThan(40)
    expect(mails).toBeGreaterThan(agentCount)
  })
})
