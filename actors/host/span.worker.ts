/** Entry of the threads that replay parts of a recording, each part by itself. The realm is locked as in every simulation thread. */
import * as xstate from 'xstate'
import { hostKernels } from '../../runtime/host/index.ts'
import { lockRealm, MetabonkError } from '../../runtime/index.ts'
import * as metabonk from '../index.ts'
import { isFinal, runJob, type SpanResult } from '../travel/jobs.ts'
import { inputsOf } from '../travel/opened-run.ts'
import { Replica } from '../travel/replica.ts'
import { asMetabonkError } from './coordinate.ts'
import { openFile } from './open-file.ts'
import { evaluateLoaded } from './load-world.ts'
import { SpanBoard } from './span-board.ts'
import type { SpanReport, SpanTask } from './span-task.ts'

/** Takes span after span until there are no more, or nobody wants them. */
export default async function replaySpans(task: SpanTask): Promise<SpanReport> {
  const results: [number, SpanResult][] = []
  const board = new SpanBoard(task.board)
  let replica: Replica | undefined
  try {
    replica = await openReplica(task)
    for (let place = board.take(); place < task.spans.length; place = board.take()) {
      const done = (): boolean => board.countStep(place)
      const result = runJob(replica, task.job, task.spans[place], done)
      results.push([place, result])
      if (isFinal(task.job, result)) board.endAt(place)
    }
    return { results }
  } catch (error) {
    board.stop()
    return { results, error: (error instanceof MetabonkError ? error : asMetabonkError(error, task.world, replica?.step ?? 0)).toParts() }
  }
}

async function openReplica({ path, world, config, compare }: SpanTask): Promise<Replica> {
  const kernels = hostKernels()
  const evaluate = (): ReturnType<typeof evaluateLoaded> => evaluateLoaded(world, { metabonk, xstate })
  const builtin = world.kind === 'builtin' ? await evaluate() : undefined
  // What reading compressed chunks needs is loaded by then.
  const recording = openFile(path)
  lockRealm(globalThis)
  const definition = builtin ?? (await evaluate())
  return new Replica({ path, recording, definition, config, inputs: inputsOf(recording) }, kernels, { cacheBytes: 0, compare })
}
