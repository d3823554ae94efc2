// Finds options that nobody reads: members of `*Options` and `*Config` types that no property access and no destructuring reads.

import { join } from 'node:path'
import ts from 'typescript'
import { root } from './project.ts'

/** The whole project, as the type checker sees it. */
export function projectProgram(): ts.Program {
  const path = join(root, 'tests/tsconfig.json')
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: unknown }
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'tests'))
  return ts.createProgram(parsed.fileNames, parsed.options)
}

/** The members that a declaration of an options type names itself. */
function declaredMembers(node: ts.Node): readonly ts.PropertySignature[] {
  if (!(ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) || !/(Options|Config)$/.test(node.name.text)) return []
  const members: ts.PropertySignature[] = []
  const collect = (inner: ts.Node): void => {
    if (ts.isPropertySignature(inner)) members.push(inner)
    if (!ts.isFunctionTypeNode(inner)) inner.forEachChild(collect)
  }
  node.forEachChild(collect)
  return members
}

/** The symbol that a node reads, if it reads a member. */
function readBy(node: ts.Node, checker: ts.TypeChecker): ts.Symbol | undefined {
  if (ts.isPropertyAccessExpression(node)) return isWritten(node) ? undefined : checker.getSymbolAtLocation(node.name)
  if (ts.isElementAccessExpression(node)) return isWritten(node) ? undefined : checker.getSymbolAtLocation(node.argumentExpression)
  if (!ts.isBindingElement(node) || !ts.isObjectBindingPattern(node.parent)) return undefined
  const name = node.propertyName ?? node.name
  return ts.isIdentifier(name) ? checker.getTypeAtLocation(node.parent).getProperty(name.text) : undefined
}

function isWritten(node: ts.Expression): boolean {
  const { parent } = node
  return ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
}

const isTest = (file: ts.SourceFile): boolean => file.fileName.includes('/tests/')

/** Members of options types that no code reads; what only a test reads is not read, unless the type is the test's own. */
export function unreadOptions(program: ts.Program): string[] {
  const checker = program.getTypeChecker()
  const members: ts.PropertySignature[] = []
  const readers = new Map<ts.Node, 'tests' | 'code'>()
  const visit = (node: ts.Node, reader: 'tests' | 'code'): void => {
    members.push(...declaredMembers(node))
    for (const declaration of readBy(node, checker)?.declarations ?? []) if (readers.get(declaration) !== 'code') readers.set(declaration, reader)
    node.forEachChild((child) => visit(child, reader))
  }
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) visit(file, isTest(file) ? 'tests' : 'code')
  return members
    .filter((member) => {
      const reader = readers.get(member)
      return reader === undefined || (reader === 'tests' && !isTest(member.getSourceFile()))
    })
    .map((member) => {
      const file = member.getSourceFile()
      const { line } = file.getLineAndCharacterOfPosition(member.getStart(file))
      return `${file.fileName.replace(`${root}/`, '')}:${line + 1}: nobody reads the option ${member.name.getText(file)}; use it or take it out`
    })
}
