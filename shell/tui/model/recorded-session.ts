import { Worker } from 'node:worker_threads'
import { MetabonkError } from '../../../actors/index.ts'
import { compiledModule } from '../../../runtime/host/index.ts'
import { Caller, type Answer } from './calls.ts'
import type { RecordedSession } from './model.ts'
import type { RecordedFacts, RecordedTask } from './recorded.worker.ts'

/**
 * Opens a recording to be looked at: its world is replayed in a thread of its own, which stands at the first step. Throws as `openRecording` does; what is
 * asked of it after `close` is rejected with `stopped`.
 */
export async function openRecordedSession(path: string, options: { readonly world?: string | undefined } = {}): Promise<RecordedSession> {
  const task: RecordedTask = { path, world: options.world }
  const worker = new Worker(new URL(compiledModule('shell/tui/model/recorded.worker')), { workerData: task })
  const caller = new Caller((request) => { worker.postMessage(request) })
  worker.on('message', (answer: Answer) => { caller.take(answer) })
  worker.on('error', (error) => { caller.end(new MetabonkError({ code: 'worker-dead', what: `the thread that replays the recording ended: ${error.message}`, where: path, cause: error })) })
  worker.on('exit', () => { caller.end(new MetabonkError({ code: 'stopped', what: 'nobody looks at the recording any more', where: path })) })
  const close = async (): Promise<void> => {
    await worker.terminate()
  }
  try {
    const facts = await caller.call<RecordedFacts>('facts')
    let at = facts.first
    return {
      form: 'recorded',
      ...facts,
      get at() {
        return at
      },
      look: (query) => caller.call('look', query),
      events: (step) => caller.call('events', step),
      goTo: async (step) => {
        await caller.call('goTo', step)
        at = step
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
