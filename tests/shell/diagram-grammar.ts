/** What a diagram says, read by the part of its language's grammar that we write in. Throws where it is anything else. */
export interface ReadDiagram {
  readonly title: string
  /** Nodes and clusters that are declared, by name. */
  readonly nodes: ReadonlySet<string>
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly label: string }[]
}

const dotToken = /\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|(->|[{}[\]=,]))/y

function dotTokens(source: string): string[] {
  const tokens: string[] = []
  dotToken.lastIndex = 0
  for (let at = 0; at < source.trimEnd().length; at = dotToken.lastIndex) {
    const match = dotToken.exec(source)
    if (match === null) throw new Error(`no DOT: ${source.slice(at, at + 40)}`)
    tokens.push(match[0].trim())
  }
  return tokens
}

/** Recursive descent over the tokens of one or more graphs. */
class DotReader {
  private readonly tokens: string[]
  private title = ''
  private nodes = new Set<string>()
  private arrows: { from: string; to: string; label: string }[] = []

  constructor(source: string) {
    this.tokens = dotTokens(source)
  }

  graphs(): ReadDiagram[] {
    const graphs: ReadDiagram[] = []
    while (this.tokens.length > 0) {
      this.nodes = new Set()
      this.arrows = []
      this.title = ''
      this.take(/^digraph$/)
      this.take(/^"/)
      this.block((name, value) => {
        if (name === 'label') this.title = value
      })
      graphs.push({ title: this.title, nodes: this.nodes, arrows: this.arrows })
    }
    return graphs
  }

  private take(form: RegExp): string {
    const token = this.tokens.shift() ?? 'the end'
    if (!form.test(token)) throw new Error(`DOT: expected ${String(form)}, got ${token}`)
    return token
  }

  private block(attribute: (name: string, value: string) => void): void {
    this.take(/^\{$/)
    while (this.tokens[0] !== '}') this.statement(attribute)
    this.take(/^\}$/)
  }

  private statement(attribute: (name: string, value: string) => void): void {
    const name = this.take(/^\w+$/)
    if (name === 'subgraph') {
      this.nodes.add(this.take(/^cluster_\w+$/))
      this.block(() => undefined)
    } else if (this.tokens[0] === '=') {
      this.take(/^=$/)
      attribute(name, this.value())
    } else if (this.tokens[0] === '->') {
      this.take(/^->$/)
      const to = this.take(/^\w+$/)
      this.arrows.push({ from: name, to, label: this.attributes().get('label') ?? '' })
    } else {
      if (!['node', 'edge'].includes(name)) this.nodes.add(name)
      this.attributes()
    }
  }

  private value(): string {
    return this.take(/^["\w.-]/).replace(/^"|"$/g, '')
  }

  private attributes(): Map<string, string> {
    const found = new Map<string, string>()
    if (this.tokens[0] !== '[') return found
    for (let next = this.take(/^\[$/); next !== ']'; next = this.take(/^[\],]$/)) {
      const name = this.take(/^\w+$/)
      this.take(/^=$/)
      found.set(name, this.value())
    }
    return found
  }
}

/** Reads DOT: one or more graphs. */
export function readDot(source: string): ReadDiagram[] {
  return new DotReader(source).graphs()
}

// Inside labels a character that means something stands as an entity, like #59; for a semicolon.
const mermaidText = '(?:[^#;:"<>{}%&\\\\`]|#\\d+;)'
const mermaidLine = {
  open: new RegExp(`^state "(?:${mermaidText}|<br/>)+" as (\\w+) \\{$`),
  state: new RegExp(`^state "(?:${mermaidText}|<br/>)+" as (\\w+)$`),
  arrow: new RegExp(`^(\\w+|\\[\\*\\]) --> (\\w+|\\[\\*\\])(?: : (${mermaidText}+))?$`),
}

function readMermaidDiagram(source: string): ReadDiagram {
  const match = /^title: (".*")\n---\nstateDiagram-v2\n([^]*)$/.exec(source)
  if (match === null) throw new Error(`no head of a Mermaid diagram: ${source.slice(0, 60)}`)
  const lines = match[2].split('\n').map((each) => each.trim()).filter((each) => each !== '')
  checkNesting(lines)
  const nodes = new Set<string>()
  const arrows: { from: string; to: string; label: string }[] = []
  for (const line of lines) {
    const state = mermaidLine.open.exec(line) ?? mermaidLine.state.exec(line)
    const arrow = mermaidLine.arrow.exec(line)
    if (state !== null) nodes.add(state[1])
    else if (arrow !== null) arrows.push({ from: arrow[1], to: arrow[2], label: arrow.at(3) ?? '' })
    else if (!['}', '--'].includes(line)) throw new Error(`no Mermaid: ${line}`)
  }
  return { title: JSON.parse(match[1]) as string, nodes, arrows }
}

function checkNesting(lines: readonly string[]): void {
  let depth = 0
  for (const line of lines) {
    depth += line.endsWith('{') ? 1 : line === '}' ? -1 : 0
    if (depth < 0 || (depth === 0 && line === '--')) throw new Error(`Mermaid: ${line} outside a state`)
  }
  if (depth !== 0) throw new Error('Mermaid: a state is not closed')
}

/** Reads Mermaid state diagrams, one after the other, each with its title. */
export function readMermaid(source: string): ReadDiagram[] {
  return source.split(/^---\n(?=title: )/m).filter((part) => part !== '').map(readMermaidDiagram)
}
