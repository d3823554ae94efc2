/**
 * An ESLint plugin, `metabonk/eslint-plugin`, with one rule. `pure-machine-functions` finds guards, assigners and actions of XState machines that read
 * or write what changes: what they do would depend on which thread runs them, and on what ran before. It looks at variables, at the contents of what
 * constants name (lists, maps, sets, objects), and through the functions of the file that they call.
 *
 *     import * as metabonk from 'metabonk/eslint-plugin'
 *     export default [{ plugins: { metabonk }, rules: { 'metabonk/pure-machine-functions': 'error' } }]
 *
 * With typescript-eslint's typed linting it knows from its type what is a list, a map or a set; without, from how it was made. What happens in other
 * files it does not see: `metabonk run --check` does.
 */
import type { Rule, Scope } from 'eslint'

type Node = Rule.Node

/** What a node is in; only a whole program is in nothing, and that is no function. */
function parentOf(node: Node): Node {
  return node.parent as Node
}

/** Calls whose arguments are functions of machines, or objects and lists of them. */
const creators = new Set(['assign', 'raise', 'emit', 'enqueueActions', 'send', 'sendTo', 'and', 'or', 'not'])
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

const arrayChanges = ['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin', 'set']
const keyedChanges = ['set', 'add', 'delete', 'clear']

/** Methods of a type that change what it holds. */
function changesOf(type: string): readonly string[] {
  if (type.endsWith('Array')) return arrayChanges
  return /^(?:Weak)?(?:Map|Set)$/.test(type) ? keyedChanges : []
}

/** What typescript-eslint tells of types, as far as it is asked. */
interface TypedLinting {
  readonly program?: { getTypeChecker(): { getTypeAtLocation(node: unknown): { getSymbol(): { getName(): string } | undefined } } } | null
  readonly esTreeNodeToTSNodeMap?: { get(node: unknown): unknown }
}

/** The name of the type of what a name stands for: by its type, or else by how it was made; empty when neither says. */
function typeOf(services: TypedLinting, { identifier, resolved }: Scope.Reference): string {
  const { program, esTreeNodeToTSNodeMap: nodes } = services
  if (program && nodes !== undefined) return program.getTypeChecker().getTypeAtLocation(nodes.get(identifier)).getSymbol()?.getName() ?? ''
  return makerOf(resolved?.defs ?? [])
}

/** What a variable is made with: the name of a class, empty for anything else. */
function makerOf([def]: readonly Scope.Definition[]): string {
  const made = (def as Scope.Definition | undefined)?.type === 'Variable' ? (def.node as { readonly init?: Node | null }).init : undefined
  if (made?.type === 'ArrayExpression') return 'Array'
  return made?.type === 'NewExpression' && made.callee.type === 'Identifier' ? made.callee.name : ''
}

/** Whether a reference is the object of a call that changes what it holds. */
function callsChange(services: TypedLinting, reference: Scope.Reference): boolean {
  const member = parentOf(reference.identifier as Node)
  if (member.type !== 'MemberExpression' || member.object !== reference.identifier || member.property.type !== 'Identifier' || member.computed) return false
  const call = parentOf(member)
  return call.type === 'CallExpression' && call.callee === member && changesOf(typeOf(services, reference)).includes(member.property.name)
}

/** The function of this file that a name stands for, and for nothing else. */
function functionOf({ defs }: Scope.Variable): Node | undefined {
  const [def] = defs
  if (defs.length !== 1) return undefined
  if (def.type === 'FunctionName') return def.node as Node
  if (def.type !== 'Variable' || def.parent.kind !== 'const') return undefined
  const { init } = def.node as { readonly init?: Node | null }
  return init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression' ? init : undefined
}

/** Looks at functions of machines, and at those they call. */
class Reader {
  private readonly context: Rule.RuleContext
  private readonly services: TypedLinting
  private readonly seen = new Set<unknown>()

  constructor(context: Rule.RuleContext) {
    this.context = context
    this.services = context.sourceCode.parserServices as TypedLinting
  }

  read(node: Node): void {
    if (this.seen.has(node)) return
    this.seen.add(node)
    for (const reference of this.context.sourceCode.getScope(node).through) {
      const { resolved } = reference
      if (resolved === null || resolved.defs.length === 0) continue
      const called = functionOf(resolved)
      if (called === undefined) this.judge(reference, resolved)
      else this.read(called)
    }
  }

  private judge(reference: Scope.Reference, variable: Scope.Variable): void {
    const { identifier } = reference
    if (this.seen.has(identifier)) return
    const messageId = reference.isWrite() || this.writesContent(reference) ? 'writes' : changes(variable) || this.contentChanges(variable) ? 'reads' : undefined
    if (messageId === undefined) return
    this.seen.add(identifier)
    this.context.report({ node: identifier, messageId, data: { name: variable.name } })
  }

  private writesContent(reference: Scope.Reference): boolean {
    return writesMember(reference) || callsChange(this.services, reference)
  }

  /** Whether what a constant names is changed later than where it is made: by another function. */
  private contentChanges({ references, scope }: Scope.Variable): boolean {
    return references.some((each) => each.from.variableScope !== scope.variableScope && this.writesContent(each))
  }
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
    const reader = new Reader(context)
    const look = (node: Node): void => {
      if (isOfMachine(node)) reader.read(node)
    }
    return {
      ArrowFunctionExpression: look,
      FunctionExpression: look,
      // A function by its name.
      Identifier: (node) => {
        const parent = parentOf(node)
        if (!isOfMachine(node) || (parent.type === 'Property' && parent.value !== node)) return
        const named = context.sourceCode.getScope(node).references.find(({ identifier }) => identifier === node)?.resolved ?? undefined
        const found = named && functionOf(named)
        if (found !== undefined) reader.read(found)
      },
    }
  },
}

/** Rules of the plugin, by name. */
export const rules: Readonly<Record<string, object>> = { 'pure-machine-functions': pureMachineFunctions }
