import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pairResult, type PairResult, type PairRole, type SideResult } from './thread-pair.ts'

const run = promisify(execFile)

/** Two processes of one program, one of which sends to the other. */
export interface ProcessPair<Task> {
  /** Path of the compiled program; its argument is a task as JSON, and it prints when it began and ended its last round. */
  readonly program: string
  readonly tasks: Readonly<Record<PairRole, Task>>
  /** Messages of the last round. */
  readonly messages: number
}

/** Runs a pair of processes, at most a minute. */
export async function runProcesses<Task>({ program, tasks, messages }: ProcessPair<Task>): Promise<PairResult> {
  const side = async (task: Task): Promise<SideResult> => {
    const { stdout } = await run(process.execPath, [program, JSON.stringify(task)], { timeout: 60_000 })
    const { begin, end } = JSON.parse(stdout) as { readonly begin: string; readonly end: string }
    return { begin: BigInt(begin), end: BigInt(end), figures: [] }
  }
  const [producer, consumer] = await Promise.all([side(tasks.producer), side(tasks.consumer)])
  return pairResult(messages, producer, consumer)
}
