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

/** The symbol that a node reads, if it reads a member of one of these names: to ask the type checker takes long. */
function readBy(node: ts.Node, names: ReadonlySet<string>, checker: ts.TypeChecker): ts.Symbol | undefined {
  if (ts.isPropertyAccessExpression(node)) return isWritten(node) || !names.has(node.name.text) ? undefined : checker.getSymbolAtLocation(node.name)
  if (ts.isElementAccessExpression(node)) return isWritten(node) ? undefined : checker.getSymbolAtLocation(node.argumentExpression)
  if (!ts.isBindingElement(node) || !ts.isObjectBindingPattern(node.parent)) return undefined
  const name = node.propertyName ?? node.name
  return ts.isIdentifier(name) && names.has(name.text) ? checker.getTypeAtLocation(node.parent).getProperty(name.text) : undefined
}

function isWritten(node: ts.Expression): boolean {
  const { parent } = node
  return ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
}

const isTest = (file: ts.SourceFile): boolean => file.fileName.includes('/tests/')

/** Members of options types that no code reads; what only a test reads is not read, unless the type is the test's own. */
export function unreadOptions(program: ts.Program): string[] {
  const checker = program.getTypeChecker()
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile)
  const members: ts.PropertySignature[] = []
  const collect = (node: ts.Node): void => {
    members.push(...declaredMembers(node))
    node.forEachChild(collect)
  }
  files.forEach(collect)
  const names = new Set(members.map(({ name }) => name.getText().replace(/^(['"])(.*)\1$/, '$2')))
  const readers = new Map<ts.Node, 'tests' | 'code'>()
  const visit = (node: ts.Node, reader: 'tests' | 'code'): void => {
    for (const declaration of readBy(node, names, checker)?.declarations ?? []) if (readers.get(declaration) !== 'code') readers.set(declaration, reader)
    node.forEachChild((child) => visit(child, reader))
  }
  for (const file of files) visit(file, isTest(file) ? 'tests' : 'code')
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
