import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { secondsUntil } from './measure.ts'

const run = promisify(execFile)

/** A function of a model module that is called in a process of its own, where nothing else has touched the memory. */
export interface ChildCall {
  /** Compiled module that exports the function. */
  readonly url: string
  readonly name: string
  readonly argument: number
  /** Flags of the child's Node. */
  readonly flags?: readonly string[]
  /** Variables of its environment, over those of this process. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Calls an exported function of a number in a child process; gives what it returns, which is plain data. */
export async function callInChild<Result>({ url, name, argument, flags = [], environment = {} }: ChildCall): Promise<Result> {
  const script = `import { ${name} } from ${JSON.stringify(url)}; console.log(JSON.stringify(await ${name}(${argument})))`
  const { stdout } = await run(process.execPath, [...flags, '--input-type=module', '--eval', script], { env: { ...process.env, ...environment } })
  return JSON.parse(stdout) as Result
}

/** Wall-clock seconds of a whole run of the command line, from its start to its exit. */
export function commandSeconds(entry: string, args: readonly string[]): Promise<number> {
  return secondsUntil(() => run(process.execPath, [entry, ...args]))
}
