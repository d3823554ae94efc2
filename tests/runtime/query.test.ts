import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { MetabonkError } from '../../runtime/errors.ts'
import { limits } from '../../runtime/limits.ts'
import { parseAssignment, parseQuery, parseTarget, type BoundQuery, type QueryScope } from '../../runtime/query/index.ts'
import { kindType, type KindType } from '../../runtime/schema/kind.ts'
import { enumOf, f32, vec } from '../../runtime/schema/types.ts'
import { KindTable } from '../../runtime/state/table.ts'
import { counts, testSeed } from '../counts.ts'
import { oneEnemy, oneHero, scope, single, sourceOf } from './query-sample.ts'

const seed = testSeed('query-text', 20_260_222)

/** Rows 0 to 4, of which row 1 of either kind is dead. */
const source = sourceOf({
  enemies: [0, 1, 2, 3, 4].map((row) => ({ ...oneEnemy, health: row * 2, at: [row, -row], alive: row !== 1, stunned: row > 2, mode: row < 3 ? 'calm' : 'fleeing', state: row < 2 ? 'idle' : row === 4 ? 'armed' : 'armed.reloading', tagged: row === 3 })),
  heroes: [0, 1, 2, 3, 4].map((row) => ({ ...oneHero, hp: row, score: row / 2, alive: row !== 1, dead: row === 4 })),
  step: 1000,
})

function bound(text: string, within: QueryScope = scope): BoundQuery {
  return parseQuery(text, within).bind(source)
}

/** The message that a text is refused with; anything but a plain usage error fails. */
function refusal(read: (text: string, scope: QueryScope) => unknown, text: string, within: QueryScope = scope): string {
  try {
    read(text, within)
  } catch (error) {
    expect(error).toBeInstanceOf(MetabonkError)
    expect((error as MetabonkError).code).toBe('usage')
    expect((error as MetabonkError).where).toMatch(/^column \d+: .*».*«/)
    expect((error as MetabonkError).message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    return (error as MetabonkError).message
  }
  return 'accepted'
}

describe('parseQuery', () => {
  it.each([
    ['hero[2].hp == 2', true],
    ['hero:2.hp == 2', true],
    ['hero[2].hp < 10 and not dead', true],
    ["'armed' == enemy[3].state and health > 5", true],
    ["enemy[3].state == 'armed.reloading'", true],
    ["enemy[4].state == 'armed.reloading' or enemy[4].state != 'armed'", false],
    ["enemy[3].tag('dangerous') && !enemy[4].tag('dangerous')", true],
    ['enemy[3].at[1] == -3 && enemy[3].at.x == 3 and enemy[3].at.y == -3', true],
    ['count(enemy) == 4 and count(enemy, stunned) == 2', true],
    ["count(enemy, health > 2 and state == 'armed') == 3", true],
    ['sum(hero.score) == 4.5 and mean(hero.hp) == 2.25 and min(hero.hp) == 0 and max(hero.hp, not hero.dead) == 3', true],
    ['sum(hero.hp, hp > 100) == 0', true],
    ['min(hero.hp, hp > 100) < 1 or max(hero.hp, hp > 100) > 1 or mean(hero.hp, hp > 100) == 0', false],
    ['count(enemy, health > mean(enemy.health)) == 2', true],
    ['step >= 1000 and alive(enemy[3]) and not alive(hero[1]) and not alive(hero[50])', true],
    ["config.speed > 2 and config.fog and config.mode == 'hard' and config['wave.size'] == config.wave.size", true],
    ["report.kills > 6 || report['mean hp'] > 100", true],
    ['2 + 3 * 4 - 6 / 2 % 2 == 13 and -2 * -3 == 6 and 10 - 4 - 3 == 3 and 1e3 == 1000', true],
    ['1 / 0 > 1e300 and -1 / 0 < -1e300 and not 0 / 0 == 0 / 0 and 0 / 0 != 0 / 0 and -7 % 4 == -3', true],
    ['true or false and false', true],
    ['not false and false', false],
    ["hero[0].mode == enemy[0].mode and 'calm' != enemy[3].mode", true],
    ['hero[2].target == 0', true],
  ])('%s is %s', (text, expected) => {
    expect(bound(text).test()).toBe(expected)
    expect(bound(text).rows([1, 2])).toBe(0)
  })
  it.each<[string, number[], QueryScope?]>([
    ['enemy.health < 5', [0, 2]],
    ['health < 5', [0, 2], single],
    ['agent.health < 5 and agent[0].health == 0', [0, 2], single],
    ['stunned', [3, 4], single],
    ["tag('dangerous')", [3], single],
    ["state == 'armed'", [2, 3, 4], single],
    ["enemy.health > 1 and state == 'armed.reloading'", [2, 3]],
    ["enemy.state == 'idle' or enemy.mode == 'fleeing'", [0, 3, 4]],
    ['enemy.health > mean(enemy.health)', [3, 4]],
    ['enemy.health > hero[4].hp', [3, 4]],
    ['enemy.health > hero[1].hp', []],
    ['hero.dead == true', [4]],
  ])('%s hits the rows %j', (text, expected, within = scope) => {
    const rows = [99, 98]
    expect(bound(text, within).rows(rows)).toBe(expected.length)
    expect(rows).toEqual(expected)
    expect(bound(text, within).test()).toBe(expected.length > 0)
  })

  it('comparisons and values of a row that is not alive are false, and not is true of them', () => {
    for (const text of ['hero[1].hp < 5', 'hero[1].hp != 5', 'hero[1].hp == hero[1].hp', 'hero[1].dead', 'hero[1].dead == false', "enemy[1].state != 'flee'", "enemy[1].tag('slow')", "hero[1].mode == 'calm'", 'sum(enemy.health * hero[1].hp) == 0', 'hero[50].hp == 0']) {
      expect(bound(text).test(), text).toBe(false)
      expect(bound(`not (${text})`).test(), text).toBe(true)
    }
  })

  it('says its type, its subject and the kinds it reads', () => {
    const [enemy, hero] = scope.kinds
    expect(parseQuery('enemy.health < hero[0].hp', scope)).toMatchObject({ type: 'boolean', subject: enemy, kinds: [enemy, hero], text: 'enemy.health < hero[0].hp' })
    expect(parseQuery('hero[0].hp * 2', scope)).toMatchObject({ type: 'number', subject: undefined, kinds: [hero] })
    expect(parseQuery('hero.mode', scope)).toMatchObject({ type: 'text', subject: hero, kinds: [hero] })
    expect(parseQuery('count(enemy, at.x > 3) > step', scope)).toMatchObject({ type: 'boolean', subject: undefined, kinds: [enemy] })
    expect(parseQuery('step > 3', single)).toMatchObject({ subject: undefined, kinds: [] })
    expect(parseQuery('health > 3', single)).toMatchObject({ subject: enemy, kinds: [enemy] })
    expectTypeOf(parseQuery('step', scope).type).toEqualTypeOf<'boolean' | 'number' | 'text'>()
  })

  it('gives values, of a row where it ranges, and none of the dead', () => {
    expect(bound('enemy.health * 2 + 1').value(3)).toBe(13)
    expect(bound('enemy.mode').value(4)).toBe('fleeing')
    expect(bound('enemy.stunned').value(4)).toBe(true)
    expect([1, 5, 1e9].map((row) => bound('enemy.health').value(row))).toEqual([undefined, undefined, undefined])
    expect(bound('hero[4].score').value()).toBe(2)
    expect(bound('hero[1].score').value()).toBeUndefined()
    expect(bound('hero[1].mode').value()).toBeUndefined()
    expect(bound('config.mode').value()).toBe('hard')
    expect(bound('mean(hero.hp, hp > 100)').value()).toBeNaN()
    expect(() => bound('enemy.health').value()).toThrow(/^the query has a value for each enemy \(enemy\.health\)/)
    expect(() => bound('enemy.health').test()).toThrow(/^the query is no condition \(enemy\.health\); compare it with something$/)
    expect(() => bound('step + 1').rows([])).toThrow(/^the query is no condition/)
  })

  it('reads the state as it is when it is asked', () => {
    const moving = sourceOf({ enemies: [oneEnemy, oneEnemy], heroes: [oneHero], step: 1 })
    const [table] = moving.tables
    const some = parseQuery('enemy.health > 9', scope).bind(moving)
    const sum = parseQuery('sum(enemy.health) + count(enemy)', scope).bind(moving)
    expect([some.test(), sum.value()]).toEqual([false, 10])
    table.set(table.column('health'), 1, 10)
    expect([some.test(), sum.value()]).toEqual([true, 16])
    table.freeRow(1)
    expect([some.test(), sum.value()]).toEqual([false, 5])
  })

  it('a column is meant before step and state, a kind before a column where something follows', () => {
    const kind: KindType = kindType('step', { columns: { step: f32, state: enumOf('on', 'off'), at: vec(f32, 1) } })
    const odd: QueryScope = { kinds: [kind], machines: [{}], config: {}, reports: [] }
    const table = new KindTable({ kind, index: 0, hidden: [], firstColumn: 0, workers: 1 })
    table.takeRow()
    const asked = (text: string): unknown => parseQuery(text, odd).bind({ ...source, tables: [table] }).value(0)
    expect(asked('step')).toBe(0)
    expect(asked("state == 'on' and at[0] == 0 and at.x == 0")).toBe(true)
    expect(asked('step[0].step == step')).toBe(true)
    expect(refusal(parseQuery, 'at.y > 1', odd)).toContain('at has no element y')
    expect(parseQuery("step.state == 'off'", odd).subject).toBe(kind)
  })
})

describe('a query about the rows of a kind', () => {
  const [enemy, hero] = scope.kinds

  it.each([
    ['health < 5', enemy],
    ["state == 'flee' and at.x > 1", enemy],
    ["tag('slow')", enemy],
    ['enemy.health < hero[0].hp and health > 1', enemy],
    ['health < hero[0].hp', enemy],
    ['hero.hp < 5 and score > 1', hero],
    ['sum(health) > step', undefined],
    ['count(hero, hp > 1) > 0', undefined],
  ])('%s speaks of its rows where no others are named', (text, subject) => {
    expect(parseQuery(text, { ...scope, subject: 'enemy' }).subject).toBe(subject)
  })

  it('says what its rows do not have', () => {
    const within = { ...scope, subject: 'hero' }
    expect(() => parseQuery('health < 5', within)).toThrow(/'health'/)
    expect(() => parseQuery('enemy.health < 5 and score > 1', within)).toThrow(/'score'/)
    expect(() => parseQuery('enemy.health < hero.hp', within)).toThrow(/can't range over enemy and hero/)
  })
})

describe('errors of parseQuery', () => {
  it.each([
    ['', "there is nothing to read (column 1: »«); write something like hero[17].hp < 10 and state == 'flee'"],
    ['hero[7].hpp < 10', "kind hero has no column 'hpp' (column 9: hero[7].»hpp« < 10); did you mean hp? There are at, score, hp, mode, target, dead"],
    ['hero[64].hp < 1', 'kind hero has no row 64 (column 5: hero»[64]«.hp < 1); its rows are 0 to 63'],
    ["hero['a'].hp < 1", "a row is a number (column 5: hero»['a']«.hp < 1); write hero[0]"],
    ['heros[1].hp < 1', "nothing is named 'heros' (column 1: »heros«[1].hp < 1); did you mean hero? There are step, state, config, report, enemy, hero"],
    ['hero.hp <', 'expected a value, got the end (column 10: hero.hp <»«)'],
    ['hero[0].hp < 10 10', "expected the end, got '10' (column 17: hero[0].hp < 10 »10«)"],
    ['hero[1.5].hp > 1', "expected a number from 0, got '1.5' (column 6: hero[»1.5«].hp > 1)"],
    ['hero[-1].hp > 1', "expected a number from 0, got '-' (column 6: hero[»-«1].hp > 1)"],
    ['hero[0].', 'expected a name, got the end (column 9: hero[0].»«)'],
    ['(1 < 2', "expected ')', got the end (column 7: (1 < 2»«)"],
    ['step == not true', "expected a value, got 'not' (column 9: step == »not« true); put it in parentheses"],
    ['step = 5', "expected the end, got '=' (column 6: step »=« 5); compare with =="],
    ['true AND true', "expected the end, got 'AND' (column 6: true »AND« true); write and"],
    ['step & 5', 'a query has no operator & (column 6: step »&« 5); write &&, or the words and, or'],
    ['1 < step < 3', "comparisons can't follow one another (column 10: 1 < step »<« 3); join two of them with and"],
    ["enemy.mode == 'calm", "the text has no end (column 15: enemy.mode == »'«calm); close it with '"],
    ['a ? b', "a query can't hold the character '?' (U+003F) (column 3: a »?« b); use names, numbers, texts in quotes and operators"],
    ['5abc > 1', "'5abc' is neither a number nor a name (column 1: »5abc« > 1); begin names with a letter"],
    ['1e999 > 1', 'the number is too large (column 1: »1e999« > 1); numbers are 64-bit floats'],
  ])('%s: its form', (text, message) => {
    expect(refusal(parseQuery, text)).toBe(message)
  })
  it.each([
    ["enemy.mode == 'fleing'", "column mode is never 'fleing' (column 15: enemy.mode == »'fleing'«); did you mean fleeing? There are calm, hunting, fleeing"],
    ["'zzzzzzzz' == enemy.mode", "column mode is never 'zzzzzzzz' (column 1: »'zzzzzzzz'« == enemy.mode); choose from calm, hunting, fleeing"],
    ["enemy.mode < 'calm'", "< is for numbers (column 1: »enemy.mode < 'calm'«); use == or !="],
    ['enemy.at > 3', 'column at is a vector of 2 numbers (column 7: enemy.»at« > 3); take one of them, like at[0]'],
    ['enemy.at[2] > 3', 'at has no element [2] (column 9: enemy.at»[2]« > 3); its elements are at[0] to at[1], of which at.x and at.y are the first two'],
    ['enemy.at[0].x > 3', 'an element of at is a number and has no parts (column 13: enemy.at[0].»x« > 3); leave x away'],
    ['enemy.health.x > 1', 'column health holds one value and no parts (column 14: enemy.health.»x« > 1); leave x away'],
    ["enemy.health == 'a'", "enemy.health is a number and 'a' is a text (column 1: »enemy.health == 'a'«); compare values of one type"],
    ['not step', 'expected true or false, got a number (column 5: not »step«); compare it with something'],
    ['-true > 1', 'expected a number, got true or false (column 2: -»true« > 1); only numbers can be reckoned with'],
    ["config.mode == 'a' + 'b'", "expected a number, got a text (column 16: config.mode == »'a'« + 'b'); only numbers can be reckoned with"],
    ['hero', 'hero is a kind and no value (column 1: »hero«); name a column of it, or count(hero)'],
    ['hero[3]', 'hero[3] is an agent and no value (column 1: »hero[3]«); take a column of it, like hero[3].at, or ask alive(hero[3])'],
    ['hero[3][1]', 'expected a column (column 8: hero[3]»[1]«); write a point and its name'],
  ])('%s: its types', (text, message) => {
    expect(refusal(parseQuery, text)).toBe(message)
  })
  it.each([
    ['health < 5', 'it is not clear whose health is meant (column 1: »health« < 5); write enemy.health'],
    ["state == 'flee'", "it is not clear whose state is meant (column 1: »state« == 'flee'); write enemy.state"],
    ["tag('slow')", "it is not clear whose tag is meant (column 1: »tag('slow')«); write enemy.tag('slow')"],
    ['hero.dead and alive(enemy[1]) and at[0] > 1', 'it is not clear whose at is meant (column 35: ....dead and alive(enemy[1]) and »at«[0] > 1); write hero.at or enemy[1].at'],
    ['enemy.health < hero.hp', "a query can't range over enemy and hero at once (column 16: enemy.health < »hero«.hp); name a row, hero[0], or sum it up: count(hero, ...)"],
    ['count(enemy, hero.hp < 3) > 1', "a query can't range over enemy and hero at once (column 14: count(enemy, »hero«.hp < 3) > 1); name a row, hero[0], or sum it up: count(hero, ...)"],
    ["hero.state == 'flee'", "kind hero has no machine, so it has no state (column 6: hero.»state« == 'flee'); compare its columns"],
    ["hero.tag('a')", "kind hero has no machine, so it has no state (column 9: hero.tag»('a')«); compare its columns"],
    ["enemy.state == 'fled'", "the machine of enemy has no state 'fled' (column 16: enemy.state == »'fled'«); did you mean flee? There are idle, armed, armed.reloading, flee"],
    ["enemy.tag('dangrous')", "the machine of enemy has no tag 'dangrous' (column 11: enemy.tag(»'dangrous'«)); did you mean dangerous? There are dangerous, slow"],
    ["enemy.state > 'flee'", "> is for numbers (column 1: »enemy.state > 'flee'«); use == or !="],
    ['enemy.state == 5', "a state is compared with a path in quotes (column 16: enemy.state == »5«); write state == 'flee'"],
    ['enemy.state', "a state is no value of its own (column 1: »enemy.state«); compare it with a path: state == 'flee'"],
    ['enemy.state.flee', "a state has no parts (column 13: enemy.state.»flee«); compare it with a path: state == 'armed.reloading'"],
    ['enemy.tag(5)', "tag takes one text (column 10: enemy.tag»(5)«); write tag('name')"],
    ["enemy.tagg('a')", "an agent has no function 'tagg' (column 7: enemy.»tagg«('a')); it has tag('name')"],
    ['config.sped > 2', "the world has no setting 'sped' (column 8: config.»sped« > 2); did you mean speed? There are speed, mode, fog, wave.size"],
    ['config', 'config alone is no value (column 1: »config«); write config.name'],
    ['config.speed() > 1', 'config holds values and no functions (column 8: config.»speed()« > 1); write config.name'],
    ['report.kils > 1', "the world reports no 'kils' (column 8: report.»kils« > 1); did you mean kills? There are kills, mean hp"],
  ])('%s: its names', (text, message) => {
    expect(refusal(parseQuery, text)).toBe(message)
  })
  it.each([
    ['coun(enemy) > 1', "there is no function 'coun' (column 1: »coun«(enemy) > 1); did you mean count? There are count, sum, mean, min, max, alive, tag"],
    ['enemy(3) > 1', "there is no function 'enemy' (column 1: »enemy«(3) > 1); write enemy[0], enemy.column or count(enemy)"],
    ['count() > 1', 'count takes a kind, and a condition if you like (column 6: count»()« > 1); write count(kind) or count(kind, condition)'],
    ['count(enmy) > 1', "'enmy' is no kind (column 7: count(»enmy«) > 1); did you mean enemy? There are enemy, hero"],
    ['count(enemy, health) > 1', 'expected true or false, got a number (column 14: count(enemy, »health«) > 1); compare it with something'],
    ['count(enemy).x', 'what count gives has no parts (column 14: count(enemy).»x«); leave x away'],
    ['sum() > 1', 'sum takes a number, and a condition if you like (column 4: sum»()« > 1); write sum(kind.column) or sum(kind.column, condition)'],
    ['sum(hero[0].hp) > 1', 'sum needs the rows of a kind (column 5: sum(»hero[0].hp«) > 1); write sum(kind.column)'],
    ['alive(hero)', 'alive takes one row of a kind (column 6: alive»(hero)«); write alive(kind[0])'],
    ['alive(hero[0].hp)', 'alive takes one row of a kind (column 6: alive»(hero[0].hp)«); write alive(kind[0])'],
  ])('%s: its functions', (text, message) => {
    expect(refusal(parseQuery, text)).toBe(message)
  })
})

describe('hostile texts', () => {
  it.each(['constructor', '__proto__', 'process.exit()', 'constructor.constructor("return 1")()', 'config.__proto__ == 1', 'config.constructor', 'report.toString > 1', 'hero[0].__proto__', 'hero[0].constructor', '`${1}`', 'import("fs")', 'this', 'hero.hp; 1', 'hero.hp < \u001B[31m', 'hero.hp \u2028', '\uD800', 'enemy.mode == "\u0007\u202E"', 'enemy.tag("\u0000")', 'config["__proto__"]', '[]', '{}', '0x10 > 1', '() => 1'])('%j is a usage error in one printable line', (text) => {
    for (const read of [parseQuery, parseTarget, parseAssignment]) expect(refusal(read, text)).not.toBe('accepted')
    expect(refusal(parseAssignment, `hero[0].mode=${text}`)).not.toBe('accepted')
  })
  it('too long and too deep texts are refused, what is just allowed is not', () => {
    const { queryCharsMax: chars, queryDepthMax: depth } = limits
    expect(refusal(parseQuery, '1'.repeat(chars + 1))).toMatch(/^a text of 4097 characters is too long \(column 4097: .*; keep it to 4096$/)
    for (const [open, close] of [['(', ')'], ['not ', ''], ['!', ''], ['count(enemy, ', ') > 1']]) {
      const nested = (times: number): string => `${open.repeat(times)}true${close.repeat(times)}`
      expect(refusal(parseQuery, nested(depth))).toBe('accepted')
      expect(refusal(parseQuery, nested(depth + 1))).toMatch(/^the query is nested too deeply \(column \d+: .*; keep it to 64 levels$/)
    }
    expect(refusal(parseQuery, `${'-'.repeat(depth + 1)}1 > 0`)).toMatch(/^the query is nested too deeply/)
    expect(bound(`1${'+1'.repeat(chars / 2 - 3)} > 0`).test()).toBe(true)
    expect(bound(`false${' or false'.repeat(450)} or true`).test()).toBe(true)
  })
  it('any text is read or refused by a usage error', () => {
    const pieces = fc.constantFrom('hero', 'enemy', '[', ']', '[0]', '.', ':', '(', ')', ',', 'hp', 'health', 'at', 'x', 'mode', "'calm'", '"', "'", '1', '-', '+', '%', '<', '==', '=', '!', '&&', 'and', 'or', 'not', 'true', 'count', 'sum', 'alive', 'tag', 'state', 'step', 'config', 'report', ' ', '__proto__', '\u0000', '😀')
    const joined = (by: string): fc.Arbitrary<string> => fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(by))
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }), joined(''), joined(' '))
    fc.assert(
      fc.property(texts, (text) => {
        for (const read of [parseQuery, parseTarget, parseAssignment]) for (const within of [scope, single]) refusal(read, text, within)
      }),
      { seed, numRuns: counts(2000, 60_000) },
    )
  })
})

describe('parseTarget', () => {
  it('reads agents, columns, elements and states', () => {
    const [enemy, hero] = scope.kinds
    const column = (kind: KindType, name: string): unknown => kind.plan.find((each) => each.name === name)
    expect(parseTarget('hero[3]', scope)).toEqual({ kind: hero, kindIndex: 1, row: 3, column: undefined, element: undefined, state: false })
    expect(parseTarget(' hero:17.hp ', scope)).toEqual({ kind: hero, kindIndex: 1, row: 17, column: column(hero, 'hp'), element: undefined, state: false })
    expect(parseTarget('hero[3].at[2]', scope)).toMatchObject({ column: column(hero, 'at'), element: 2 })
    expect(parseTarget('hero[3].at', scope)).toMatchObject({ column: column(hero, 'at'), element: undefined })
    expect(parseTarget('enemy[3].at.y', scope)).toMatchObject({ kind: enemy, kindIndex: 0, element: 1 })
    expect(parseTarget('enemy[3].state', scope)).toMatchObject({ column: undefined, state: true })
    expect(parseTarget('agent[11999].health', single)).toMatchObject({ kind: enemy, row: 11_999 })
  })
  it.each([
    ['hero', 'it is not said which row is meant (column 5: hero»«); write hero[0]'],
    ['hero.hp', 'it is not said which row is meant (column 8: hero.hp»«); write hero[0]'],
    ['heroo[1].hp', "the world has no kind 'heroo' (column 1: »heroo«[1].hp); did you mean hero? There are enemy, hero"],
    ['agent[1].hp', "the world has no kind 'agent' (column 1: »agent«[1].hp); choose from enemy, hero"],
    ['hero[0].at[4]', 'at has no element [4] (column 11: hero[0].at»[4]«); its elements are at[0] to at[2], of which at.x and at.y are the first two'],
    ['hero[0].state', 'kind hero has no machine, so it has no state (column 9: hero[0].»state«); compare its columns'],
    ['enemy[0].state.flee', 'a state has no parts (column 16: enemy[0].state.»flee«); leave flee away'],
    ['hero[0](1)', 'expected a column (column 8: hero[0]»(1)«); write a point and its name'],
    ['hero[0].hp < 5', "expected the end, got '<' (column 12: hero[0].hp »<« 5)"],
    ['', 'there is nothing to read (column 1: »«); write something like hero[17].hp'],
  ])('%s is refused', (text, message) => {
    expect(refusal(parseTarget, text)).toBe(message)
  })
})

describe('parseAssignment', () => {
  it.each([
    ['hero[0].hp=-5', -5],
    ['hero[0].score = 1.5e-3', 0.0015],
    ['hero[0].at=[1, -2.5,3]', [1, -2.5, 3]],
    ['hero[0].at[1]=7', 7],
    ['hero[0].mode=hunting', 'hunting'],
    ['hero[0].mode = "calm"', 'calm'],
    ["hero:0.mode='calm'", 'calm'],
    ['hero[0].dead=true', true],
    ['hero[0].target=0', 0],
  ])('%s', (text, value) => {
    expect(parseAssignment(text, scope).value).toEqual(value)
  })
  it.each([
    ['hero[0].hp', 'there is no value (column 11: hero[0].hp»«); write = and what hp becomes'],
    ['hero[0].hp= ', 'there is no value (column 13: hero[0].hp= »«); write = and what hp becomes'],
    ['hero[0]=5', "an agent as a whole can't be set (column 1: »hero[0]«=5); set a column, hero[0].column=value"],
    ['enemy[0].state=flee', "a machine's state can't be set (column 1: »enemy[0].state«=flee); set a column, enemy[0].column=value"],
    ['hero[0].hp=1.5', 'hero.hp: expected an integer from -2147483648 to 2147483647, got 1.5 (column 12: hero[0].hp=»1.5«)'],
    ['hero[0].hp==3', "expected a number, got '=3' (column 12: hero[0].hp=»=3«); write one like 12, -0.5 or 1e-3"],
    ['hero[0].mode=calmm', "column mode is never 'calmm' (column 14: hero[0].mode=»calmm«); did you mean calm? There are calm, hunting, fleeing"],
    ['hero[0].dead=1', "expected true or false, got '1' (column 14: hero[0].dead=»1«)"],
    ['hero[0].at=5', 'column at is a vector of 3 numbers (column 12: hero[0].at=»5«); write [0, 0, 0], or name an element, at[0]'],
    ['hero[0].at=[1,2]', 'hero.at: expected 3 numbers, got a list of 2 (column 12: hero[0].at=»[1,2]«)'],
    ['hero[0].at=[1, x,3]', "expected a number, got 'x' (column 15: hero[0].at=[1,» x«,3]); write one like 12, -0.5 or 1e-3"],
    ['hero[0].at[1]=true', "expected a number, got 'true' (column 15: hero[0].at[1]=»true«); write one like 12, -0.5 or 1e-3"],
    ['hero[0].target=-1', 'hero.target: expected an agent id, got -1 (column 16: hero[0].target=»-1«)'],
    ['hero.hp=5', 'it is not said which row is meant (column 8: hero.hp»«=5); write hero[0]'],
  ])('%s is refused', (text, message) => {
    expect(refusal(parseAssignment, text)).toBe(message)
  })
})
