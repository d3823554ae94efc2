import { Worker } from 'node:worker_threads'
import { MetabonkError } from '../../../actors/index.ts'
import { compiledModule } from '../../../runtime/host/index.ts'
import { Caller, type Answer } from './calls.ts'

/** A thread that works on recordings, so that the one that draws need not. */
export interface RecordedThread {
  readonly caller: Caller
  /** Ends it; what is still asked of it is rejected with `stopped`. */
  close(): Promise<void>
}

/** Starts a thread; `what` names what it is for, where its end has to be told. */
export function startRecordedThread(what: string): RecordedThread {
  const worker = new Worker(new URL(compiledModule('shell/tui/model/recorded.worker')))
  const caller = new Caller((request) => { worker.postMessage(request) })
  worker.on('message', (answer: Answer) => { caller.take(answer) })
  worker.on('error', (error) => { caller.end(new MetabonkError({ code: 'worker-dead', what: `the thread that replays the recording ended: ${error.message}`, where: what, cause: error })) })
  worker.on('exit', () => { caller.end(new MetabonkError({ code: 'stopped', what: 'nobody looks at the recording any more', where: what })) })
  return {
    caller,
    close: async () => {
      await worker.terminate()
    },
  }
}
