import type { MachineDescription } from '../../actors/index.ts'
import { drawingOf, type Arrow, type Box } from './drawing.ts'

/** A string in DOT: `&` begins an entity there, `\` an escape. */
function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => line.replace(/&/g, '&amp;').replace(/[\\"]/g, '\\$&').replace(/[\r\n]+/g, ' ')).join('\\n')}"`
}

/** The node in a cluster that its arrows start and end at: clusters have no ends of their own. */
function place(name: string): string {
  return `${name}_self`
}

/** Names of the boxes that are drawn as clusters. */
function clustersIn(box: Box): string[] {
  return box.children.length === 0 ? [] : [box.name, ...box.children.flatMap(clustersIn)]
}

function arrowLine(arrow: Arrow, clusters: ReadonlySet<string>, tail?: string): string {
  const end = (name: string): string => (clusters.has(name) ? place(name) : name)
  const attributes = [
    ...(arrow.label === '' ? [] : [`label=${quoted([arrow.label])}`]),
    // Graphviz cuts an arrow off at the border of a cluster, unless its other end is inside too.
    ...(tail === undefined && clusters.has(arrow.from) && !arrow.fromPlace ? [`ltail=cluster_${arrow.from}`] : []),
    ...(clusters.has(arrow.to) && !arrow.toPlace ? [`lhead=cluster_${arrow.to}`] : []),
  ]
  return `${tail ?? end(arrow.from)} -> ${end(arrow.to)}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`}`
}

const shapes = { atomic: 'box, style=rounded', compound: 'box, style=rounded', parallel: 'box, style=rounded', final: 'doublecircle', history: 'circle' } as const

function clusterLines(box: Box, isRegion: boolean): string[] {
  return [
    `subgraph cluster_${box.name} {`,
    `  label=${quoted(box.lines)}`,
    `  style=${quoted([isRegion ? 'rounded,dashed' : 'rounded'])}`,
    `  ${place(box.name)} [${box.isOwnPlace ? `shape=plaintext, label=${quoted([`(${box.lines[0]})`])}` : 'shape=point, style=invis'}]`,
    ...(box.initial.length > 0 ? [`  ${box.name}_initial [shape=point, width=0.12]`] : []),
    ...box.children.flatMap((child) => boxLines(child, box.type === 'parallel')).map((line) => `  ${line}`),
    '}',
  ]
}

function boxLines(box: Box, isRegion: boolean): string[] {
  if (box.children.length > 0) return clusterLines(box, isRegion)
  return [`${box.name} [shape=${shapes[box.type]}, label=${quoted(box.lines)}]`]
}

function initialLines(box: Box, clusters: ReadonlySet<string>): string[] {
  return [...box.initial.map((arrow) => arrowLine(arrow, clusters, `${box.name}_initial`)), ...box.children.flatMap((child) => initialLines(child, clusters))]
}

/** A machine as a Graphviz graph. */
export function dotOf(description: MachineDescription): string {
  const { title, root, arrows } = drawingOf(description)
  const clusters = new Set(clustersIn(root))
  const body = [
    `label=${quoted([title])}`,
    'labelloc=t',
    'compound=true',
    'fontname="sans-serif"',
    'node [fontname="sans-serif", fontsize=11]',
    'edge [fontname="sans-serif", fontsize=10]',
    ...boxLines(root, false),
    ...initialLines(root, clusters),
    ...arrows.map((arrow) => arrowLine(arrow, clusters)),
  ]
  return [`digraph ${quoted([description.kind])} {`, ...body.map((line) => `  ${line}`), '}', ''].join('\n')
}
