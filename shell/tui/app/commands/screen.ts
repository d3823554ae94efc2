import { paneNames } from '../../panes/pane.ts'
import { themeNames } from '../../screen/theme.ts'
import { agentOf, columnNames, refuse, type Command } from './command.ts'

/** What is shown, and how. */
export const screenCommands: readonly Command[] = [
  { name: 'kind', takes: '<kind>|next|previous', does: 'show the agents of a kind', complete: (desk) => ['next', 'previous', ...desk.playhead.about.kinds.map(({ name }) => name)], run: (desk, given) => {
    if (given === 'next' || given === 'previous') desk.turnKind(given === 'next' ? 1 : -1)
    else desk.chooseKind(given)
  } },
  {
    name: 'agent',
    takes: '<kind[row]>',
    does: 'inspect an agent',
    complete: (desk) => desk.playhead.about.kinds.map(({ name }) => `${name}[`),
    run: (desk, given) => {
      const { kind, row } = agentOf('agent', given)
      desk.inspect(kind, row)
    },
  },
  {
    name: 'filter',
    takes: '[condition or state]',
    does: 'show only some agents in the table',
    run: (desk, given) => {
      desk.filterBy(given)
    },
  },
  {
    name: 'sort',
    takes: '<column> [up|down]',
    does: 'sort the table; the same column again turns it round',
    complete: (desk, given) => (given.includes(' ') ? ['up', 'down'] : ['row', 'state', ...columnNames(desk)]),
    run: (desk, given) => {
      const [by, way] = given.split(/\s+/) as (string | undefined)[]
      desk.sortBy(by ?? '', way === undefined ? undefined : way === 'down')
    },
  },
  { name: 'channel', takes: '', does: 'show colours, depth or segmentation in the camera', run: (desk) => {
    desk.turnChannel()
  } },
  { name: 'zoom', takes: '', does: 'show one pane alone, or all again', run: (desk) => {
    desk.zoomed = desk.zoomed === undefined ? desk.focus : undefined
  } },
  {
    name: 'page',
    takes: '<number>',
    does: 'show another page of panes',
    run: (desk, given) => {
      if (!/^[1-9]$/.test(given)) throw refuse('page', given, 'give a number from 1')
      desk.page = Number(given)
      desk.zoomed = undefined
    },
  },
  {
    name: 'focus',
    takes: '<pane>',
    does: 'give a pane the keys',
    complete: () => paneNames,
    run: (desk, given) => {
      const pane = paneNames.find((each) => each === given)
      if (pane === undefined) throw refuse('focus', given, `choose from ${paneNames.join(', ')}`)
      desk.focus = pane
      desk.isSeekingFocus = true
      if (desk.zoomed !== undefined) desk.zoomed = pane
    },
  },
  {
    name: 'theme',
    takes: '<name>',
    does: 'choose colours',
    complete: () => themeNames,
    run: (desk, given) => {
      desk.setTheme(given === '' ? themeNames[(themeNames.indexOf(desk.theme) + 1) % themeNames.length] : given)
    },
  },
  { name: 'copy', takes: '', does: "show one pane bare, so that the terminal's own selection can copy it", run: (desk) => {
    desk.isCopying = !desk.isCopying
  } },
  {
    name: 'shot',
    takes: '[file.png|.ansi|.txt]',
    does: 'write a picture of the pane that has the keys',
    run: (desk, given) => {
      const file = given === '' ? `${desk.playhead.about.world}-${desk.focus}-${String(desk.playhead.at)}.png` : given
      if (!/\.(png|ansi|txt)$/.test(file)) throw refuse('shot', given, 'give a file that ends in .png, .ansi or .txt')
      desk.shot = file
    },
  },
  { name: 'quit', takes: '', does: 'leave; a run of another process goes on, one of this process stops', run: (desk) => {
    desk.hasQuit = true
  } },
]
