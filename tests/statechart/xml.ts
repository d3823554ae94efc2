import sax from 'sax'

/** An element with its children in document order. Names are without prefix. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | undefined>>
  readonly children: Element[]
  /** All text directly inside. */
  text: string
}

/** The root element of a document. Throws where it is not well-formed. */
export function parseXml(text: string): Element {
  const document: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [document]
  const parser = sax.parser(true)
  const addText = (more: string): void => {
    const last = open.at(-1)
    if (last !== undefined) last.text += more
  }
  parser.onerror = (error) => {
    throw error
  }
  parser.onopentag = ({ name, attributes }) => {
    const element = { name: name.slice(name.indexOf(':') + 1), attributes: attributes as Record<string, string>, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  }
  parser.onclosetag = () => void open.pop()
  parser.ontext = addText
  parser.oncdata = addText
  parser.write(text).close()
  return document.children[0]
}

/** The children of these names. */
export function childrenOf(element: Element, ...names: string[]): Element[] {
  return element.children.filter((child) => names.includes(child.name))
}

/** The element and all below it, in document order. */
export function allOf(element: Element): Element[] {
  return [element, ...element.children.flatMap(allOf)]
}
