/**
 * An ESLint plugin, `metabonk/eslint-plugin`, with one rule. `pure-machine-functions` finds guards, assigners and actions of XState machines that read
 * or write variables which change: what they do would depend on which thread runs them, and on what ran before.
 *
 *     import * as metabonk from 'metabonk/eslint-plugin'
 *     export default [{ plugins: { metabonk }, rules: { 'metabonk/pure-machine-functions': 'error' } }]
 *
 * It goes by names and scopes: what a function does through another one, or to an object that a constant names (`list.push`), it does not see.
 * `metabonk run --check` does.
 */
import type { Rule, Scope } from 'eslint'

type Node = Rule.Node

/** What a node is in; only a whole program is in nothing, and that is no function. */
function parentOf(node: Node): Node {
  return node.parent as Node
}

/** Calls whose arguments are functions of machines, or objects and lists of them. */
const creators = new Set(['assign', 'raise', 'enqueueActions', 'send', 'sendTo', 'and', 'or', 'not'])
/** Properties of machines, and of the options of `setup`, that are or hold such functions. */
const members = new Set(['guard', 'guards', 'actions', 'entry', 'exit', 'delays', 'params', 'output', 'context'])

/** The object, list or call that a value stands in. */
function holderOf(node: Node): Node {
  const parent = parentOf(node)
  if (parent.type === 'Property') return parentOf(parent)
  return parent.type === 'ArrayExpression' ? parent : node
}

function keyOf(node: Node): string {
  const parent = parentOf(node)
  if (parent.type !== 'Property') return ''
  const { key } = parent
  return key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : ''
}

function isArgumentOfCreator(node: Node): boolean {
  const parent = parentOf(node)
  return parent.type === 'CallExpression' && parent.callee !== node && parent.callee.type === 'Identifier' && creators.has(parent.callee.name)
}

/** Whether a function is one that a machine calls. */
function isOfMachine(node: Node): boolean {
  const holder = holderOf(node)
  return isArgumentOfCreator(node) || isArgumentOfCreator(holder) || members.has(keyOf(node)) || members.has(keyOf(holder))
}

/** Whether a variable is given a value more than once. */
function changes({ defs, references }: Scope.Variable): boolean {
  const isVariable = defs.some(({ type, parent }) => type === 'Parameter' || (type === 'Variable' && parent.kind !== 'const'))
  return isVariable && references.some((each) => each.isWrite() && each.init !== true)
}

/** Whether a reference is the object of a member that is assigned, counted or deleted. */
function writesMember({ identifier }: Scope.Reference): boolean {
  let node = identifier as Node
  let parent = parentOf(node)
  while (parent.type === 'MemberExpression' && parent.object === node) {
    node = parent
    parent = parentOf(node)
  }
  if (node === identifier) return false
  return (parent.type === 'AssignmentExpression' && parent.left === node) || parent.type === 'UpdateExpression' || (parent.type === 'UnaryExpression' && parent.operator === 'delete')
}

const pureMachineFunctions: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'guards, assigners and actions of machines depend on nothing that changes' },
    schema: [],
    messages: {
      reads: "'{{name}}' changes, and is not the agent's: keep it in a column, or in the settings of the world",
      writes: "'{{name}}' is written by a function of a machine: assign to a column, or send a message",
    },
  },
  create(context) {
    const look = (node: Node): void => {
      if (!isOfMachine(node)) return
      for (const reference of context.sourceCode.getScope(node).through) {
        const { resolved, identifier } = reference
        if (resolved === null || resolved.defs.length === 0) continue
        const data = { name: resolved.name }
        if (reference.isWrite() || writesMember(reference)) context.report({ node: identifier, messageId: 'writes', data })
        else if (changes(resolved)) context.report({ node: identifier, messageId: 'reads', data })
      }
    }
    return { ArrowFunctionExpression: look, FunctionExpression: look }
  },
}

/** Rules of the plugin, by name. */
export const rules: Readonly<Record<string, object>> = { 'pure-machine-functions': pureMachineFunctions }
