import { MetabonkError } from '../../../../actors/index.ts'
import { closest } from '../../../../runtime/index.ts'
import type { Desk } from '../desk.ts'
import type { Command } from './command.ts'
import { questionCommands } from './questions.ts'
import { runCommands } from './run.ts'
import { screenCommands } from './screen.ts'
import { timeCommands } from './time.ts'

/** All commands, by what they are for. */
export const commandGroups: readonly (readonly [title: string, commands: readonly Command[]])[] = [
  ['time', timeCommands],
  ['questions', questionCommands],
  ['runs', runCommands],
  ['screen', screenCommands],
]

export const commands: readonly Command[] = commandGroups.flatMap(([, each]) => each)

/** Name and rest of a command line. */
function splitCommand(line: string): { readonly name: string; readonly given: string } {
  const [, name, given] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? ['', '', '']
  return { name, given }
}

/** Runs what was typed after `:`. Rejects with a MetabonkError; a number alone is a step to go to. */
export async function runCommand(desk: Desk, line: string): Promise<void> {
  const { name, given } = splitCommand(line)
  if (name === '') return
  const command = commands.find((each) => each.name === name) ?? (/^\d+$/.test(name) ? commands.find((each) => each.name === 'go') : undefined)
  if (command === undefined) {
    const near = closest(name, commands.map((each) => each.name))
    throw new MetabonkError({ code: 'usage', what: `there is no command '${name}'`, todo: near === undefined ? 'see them with ?' : `did you mean ${near}?` })
  }
  await command.run(desk, command.name === name ? given : name)
}

/** What a line that is being typed could become: whole lines, those that fit best first. */
export function completionsOf(desk: Desk, line: string): readonly string[] {
  const space = line.indexOf(' ')
  if (space < 0) return commands.map(({ name }) => name).filter((name) => name.startsWith(line)).map((name) => `${name} `)
  const { name, given } = splitCommand(line)
  const command = commands.find((each) => each.name === name)
  const rest = line.slice(space + 1).trimStart()
  const from = Math.max(rest.lastIndexOf(' ') + 1, 0)
  const word = rest.slice(from)
  const before = line.slice(0, line.length - word.length)
  return (command?.complete?.(desk, given === rest ? given : rest) ?? []).filter((each) => each.startsWith(word) && each !== word).map((each) => `${before}${each}`)
}
