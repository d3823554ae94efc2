import type { AnswerRow } from '../../answers.ts'
import type { PaneName } from '../panes/pane.ts'
import { commandGroups } from './commands/index.ts'
import { bindings } from './keys.ts'

const shownNames: Readonly<Record<string, string | undefined>> = { ' ': 'space', pageup: 'PgUp', pagedown: 'PgDn', escape: 'Esc' }

/** Names of keys as people read them. */
export function shownKeys(keys: readonly string[]): readonly string[] {
  return keys.map((key) => shownNames[key] ?? key.replace('C-', 'Ctrl-').replace('S-', 'Shift-'))
}

function keyText(keys: readonly string[]): string {
  const named = shownKeys(keys)
  return named.length > 4 ? `${named[0]}\u2026${named[named.length - 1]}` : named.join(' ')
}

/** What is to be known where a pane has the keys: its own keys first, then those that work everywhere, then what can be typed. */
export function helpRows(focus: PaneName): readonly AnswerRow[] {
  const own = bindings.filter(({ panes }) => panes?.includes(focus) === true)
  const all = bindings.filter(({ panes }) => panes === undefined)
  const keyRows = (list: typeof bindings): readonly AnswerRow[] => list.map(({ keys, does }) => [keyText(keys), does])
  return [
    ...(own.length === 0 ? [] : [[`in ${focus}`, ''] as const, ...keyRows(own), ['', ''] as const]),
    ['everywhere', ''],
    ...keyRows(all),
    ['mouse', 'click gives the keys, chooses rows, headers, states and steps; the wheel scrolls'],
    ...commandGroups.flatMap(([title, group]): readonly AnswerRow[] => [['', ''], [`: ${title}`, ''], ...group.map(({ name, takes, does }): AnswerRow => [`${name} ${takes}`.trim(), does])]),
  ]
}

/** Said first: who knows these finds the rest. */
const firstHints: readonly string[] = ['help', 'quit']

/** Hints for the line at the bottom, most useful first. */
export function hintsFor(focus: PaneName): readonly { readonly key: string; readonly hint: string }[] {
  const hints = bindings.flatMap(({ keys, hint, panes }) => (hint === undefined || (panes !== undefined && !panes.includes(focus)) ? [] : [{ key: keyText(keys.slice(0, 1)), hint }]))
  const isFirst = ({ hint }: { readonly hint: string }): boolean => firstHints.includes(hint)
  return [...hints.filter(isFirst), ...hints.filter((each) => !isFirst(each))]
}
