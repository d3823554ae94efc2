import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { MetabonkError } from '../../runtime/index.ts'

/** Reads a YAML (or JSON) file of settings. Throws `config` with file, line and column when it can't. */
export async function readConfigFile(path: string): Promise<unknown> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (cause) {
    throw new MetabonkError({ code: 'config', what: 'the settings file can\'t be read', where: path, todo: 'check the path given to --config', cause })
  }
  const document = parseDocument(content)
  const [error] = document.errors
  if (document.errors.length > 0) {
    const place = error.linePos?.[0]
    throw new MetabonkError({ code: 'config', what: `the settings file is no YAML: ${error.message.split('\n')[0]}`, where: place === undefined ? path : `${path}:${place.line}:${place.col}` })
  }
  return (document.toJS() as unknown) ?? {}
}
