import type { PaneName } from '../panes/pane.ts'
import type { Key } from '../screen/blessed-screen.ts'

/** One name for a key: `a`, `A`, `C-c`, `M-x`, `S-tab`, `pageup`. */
export function nameOf({ name, text, ctrl, meta, shift }: Key): string {
  const isPrintable = text.length > 0 && !ctrl && !meta
  if (isPrintable) return text
  return `${ctrl ? 'C-' : ''}${meta ? 'M-' : ''}${shift && name.length > 1 ? 'S-' : ''}${name}`
}

/** What a key is short for: a command, or the beginning of one that is asked for. */
export interface Binding {
  readonly keys: readonly string[]
  /** A command line; one that ends in a space is put into the prompt. */
  readonly command: string
  readonly does: string
  /** Said in the line at the bottom, where there is room. */
  readonly hint?: string
  /** Only where one of these panes has the keys. */
  readonly panes?: readonly PaneName[]
}

const lists: readonly PaneName[] = ['agents', 'log', 'swarm', 'inspector', 'rings', 'actors', 'phases', 'overview', 'learning']

/** Keys in the order in which they are looked up and explained. */
export const bindings: readonly Binding[] = [
  { keys: [' '], command: 'pause', does: 'pause, or go on', hint: 'pause' },
  { keys: ['.'], command: 'step 1', does: 'one step on', hint: 'step' },
  { keys: [','], command: 'step -1', does: 'one step back', hint: 'back' },
  { keys: ['>'], command: 'step 60', does: '60 steps on' },
  { keys: ['<'], command: 'step -60', does: '60 steps back' },
  { keys: ['g'], command: 'go ', does: 'go to a step', hint: 'go' },
  { keys: ['G'], command: 'go end', does: 'to the newest step: of a live run, back to the present' },
  { keys: ['b'], command: 'break ', does: 'breakpoint on a condition', hint: 'break' },
  { keys: ['n'], command: 'next', does: 'to the next step from which on the breakpoint holds' },
  { keys: ['N'], command: 'previous', does: 'back to the step from which on it held' },
  { keys: ['m'], command: 'mark', does: 'mark this step' },
  { keys: ["'"], command: 'nextmark', does: 'to the next mark' },
  { keys: ['d'], command: 'diff ', does: 'compare the agent with another step or run', hint: 'diff' },
  { keys: ['x'], command: 'bisect ', does: 'find the first step in which another run differs' },
  { keys: ['f'], command: 'fork ', does: 'another run from here, with a change', hint: 'fork' },
  { keys: ['w'], command: 'why ', does: 'why a value is what it is', hint: 'why' },
  { keys: ['+', '='], command: 'pace faster', does: 'twice the pace' },
  { keys: ['-', '_'], command: 'pace slower', does: 'half the pace' },
  { keys: ['*'], command: 'pace max', does: 'as fast as it can' },
  { keys: ['/'], command: 'filter ', does: 'filter the table as you type', hint: 'filter' },
  { keys: [':'], command: ' ', does: 'a command; Tab completes it', hint: 'command' },
  { keys: ['?', 'f1'], command: 'help', does: 'help for where you are', hint: 'help' },
  { keys: ['left', 'h'], command: 'step -1', does: 'one step back', panes: ['timeline'] },
  { keys: ['right', 'l'], command: 'step 1', does: 'one step on', panes: ['timeline'] },
  { keys: ['home'], command: 'go start', does: 'to the first step', panes: ['timeline'] },
  { keys: ['end'], command: 'go end', does: 'to the last step', panes: ['timeline'] },
  { keys: ['up', 'k'], command: 'move -1', does: 'up', panes: lists },
  { keys: ['down', 'j'], command: 'move 1', does: 'down', panes: lists },
  { keys: ['pageup', 'C-u'], command: 'move -page', does: 'a page up', panes: lists },
  { keys: ['pagedown', 'C-d'], command: 'move page', does: 'a page down', panes: lists },
  { keys: ['home'], command: 'move first', does: 'to the top', panes: lists },
  { keys: ['end'], command: 'move last', does: 'to the bottom', panes: lists },
  { keys: ['left', 'h', '['], command: 'kind previous', does: 'the kind before', panes: ['agents', 'swarm', 'inspector'] },
  { keys: ['right', 'l', ']'], command: 'kind next', does: 'the next kind', panes: ['agents', 'swarm', 'inspector'] },
  { keys: ['o'], command: 'sort ', does: 'sort the table by a column', hint: 'sort' },
  { keys: ['c'], command: 'channel', does: 'colours, depth or segmentation in the camera' },
  { keys: ['tab'], command: 'focus-next', does: 'keys to the next pane', hint: 'pane' },
  { keys: ['S-tab'], command: 'focus-previous', does: 'keys to the pane before' },
  { keys: ['z', 'enter'], command: 'zoom', does: 'one pane alone, or all again', hint: 'zoom' },
  { keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], command: 'page', does: 'another page of panes' },
  { keys: ['{'], command: 'run previous', does: 'the run before' },
  { keys: ['}'], command: 'run next', does: 'the next run' },
  { keys: ['s'], command: 'shot', does: 'picture of the pane, as PNG' },
  { keys: ['y'], command: 'copy', does: "let the terminal's own selection copy" },
  { keys: ['t'], command: 'theme', does: 'other colours' },
  { keys: ['C-l'], command: 'redraw', does: 'draw everything anew' },
  { keys: ['q', 'C-c'], command: 'quit', does: 'leave', hint: 'quit' },
]

/** What a key means where a pane has the keys. */
export function bindingOf(key: string, focus: PaneName): Binding | undefined {
  return bindings.find(({ keys, panes }) => keys.includes(key) && (panes === undefined || panes.includes(focus)))
}
