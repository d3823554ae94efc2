// Finds copies under other names: two function bodies are copies when their syntax trees have the same shape, whatever the names and literals.

import ts from 'typescript'
import type { TextFile } from './project.ts'

/** Shorter bodies look alike by chance. */
const copyLinesMin = 8
const testLinesMax = 70

interface FunctionBody {
  readonly where: string
  readonly lines: number
  readonly shape: string
  /** The name of the function it is an argument of: `it`, `describe`, `map`. */
  readonly argumentOf: string
}

function shapeOf(node: ts.Node): string {
  const parts: string[] = []
  node.forEachChild((child) => void parts.push(shapeOf(child)))
  return parts.length === 0 ? String(node.kind) : `${node.kind}(${parts.join()})`
}

function calleeOf(node: ts.Node): string {
  const call = node.parent
  if (!ts.isCallExpression(call)) return ''
  const name = ts.isPropertyAccessExpression(call.expression) ? call.expression.expression : call.expression
  return ts.isIdentifier(name) ? name.text : ''
}

/** Every function body that is a block, with its shape. */
function functionBodies({ path, text }: TextFile): FunctionBody[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const bodies: FunctionBody[] = []
  const lineOf = (position: number): number => file.getLineAndCharacterOfPosition(position).line + 1
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && ts.isBlock(node.body)) {
      const { statements } = node.body
      const lines = statements.length === 0 ? 0 : lineOf(statements.end) - lineOf(statements[0].getStart(file)) + 1
      bodies.push({ where: `${path}:${lineOf(node.getStart(file))}`, lines, shape: shapeOf(node.body), argumentOf: calleeOf(node) })
    }
    node.forEachChild(visit)
  }
  visit(file)
  return bodies
}

/** Pairs of function bodies of at least eight lines that are the same but for names and literals. */
export function copies(files: readonly TextFile[]): string[] {
  const first = new Map<string, FunctionBody>()
  const complaints: string[] = []
  for (const body of files.flatMap(functionBodies)) {
    if (body.lines < copyLinesMin || body.argumentOf === 'describe') continue
    const other = first.get(body.shape)
    if (other === undefined) first.set(body.shape, body)
    else complaints.push(`${body.where} is a copy of ${other.where} under other names; write it once and pass what differs`)
  }
  return complaints
}

/** Functions in tests that are longer than 70 lines; a describe block is a list of tests and may be. */
export function longTests(files: readonly TextFile[]): string[] {
  return files
    .flatMap(functionBodies)
    .filter(({ lines, argumentOf }) => lines > testLinesMax && argumentOf !== 'describe')
    .map(({ where, lines }) => `${where} has ${lines} lines; ${testLinesMax} is the most`)
}
