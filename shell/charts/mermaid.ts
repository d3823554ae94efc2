import type { MachineDescription } from '../../actors/index.ts'
import { drawingOf, type Arrow, type Box } from './drawing.ts'

/** Characters that mean something to Mermaid inside a label, as its entities (`#59;`). */
function text(plain: string): string {
  return plain.replace(/[#;:"<>{}%&\\`\r\n]/g, (character) => (/\s/.test(character) ? ' ' : `#${String(character.charCodeAt(0))};`))
}

/** The place inside a state that stands for the state itself. */
function place(name: string): string {
  return `${name}self`
}

function arrowLine({ from, to, label, fromPlace, toPlace }: Arrow): string {
  return `${fromPlace ? place(from) : from} --> ${toPlace ? place(to) : to}${label === '' ? '' : ` : ${text(label)}`}`
}

function headOf({ name, lines }: Box): string {
  return `state "${lines.map(text).join('<br/>')}" as ${name}`
}

/** Regions of a parallel state are set apart by a line of dashes. */
function innerLines(box: Box): string[] {
  const own = box.isOwnPlace ? [`state "(${text(box.lines[0])})" as ${place(box.name)}`] : []
  const initial = box.initial.map((each) => `[*] --> ${each.to}${each.label === '' ? '' : ` : ${text(each.label)}`}`)
  const parts = box.children.map(boxLines)
  if (box.type !== 'parallel') return [...own, ...initial, ...parts.flat()]
  return [own, ...parts].filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? part : ['--', ...part]))
}

function boxLines(box: Box): string[] {
  if (box.children.length > 0) return [`${headOf(box)} {`, ...innerLines(box).map((line) => `  ${line}`), '}']
  return [headOf(box), ...(box.type === 'final' ? [`${box.name} --> [*]`] : [])]
}

/** A machine as a Mermaid diagram. */
export function mermaidOf(description: MachineDescription): string {
  const { title, root, arrows } = drawingOf(description)
  // Arrows come last and outside: one written inside a state would move its ends there.
  const body = [...boxLines(root), ...arrows.map(arrowLine)]
  return ['---', `title: ${JSON.stringify(title)}`, '---', 'stateDiagram-v2', ...body.map((line) => `  ${line}`), ''].join('\n')
}
