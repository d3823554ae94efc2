import type { RecordedSession } from './model.ts'
import { startRecordedThread } from './recorded-thread.ts'
import type { RecordedFacts } from './recorded-view.ts'

/**
 * Opens a recording to be looked at: its world is replayed in a thread of its own, which stands at the first step. Throws as `openRecording` does; what is
 * asked of it after `close` is rejected with `stopped`.
 */
export async function openRecordedSession(path: string, options: { readonly world?: string | undefined } = {}): Promise<RecordedSession> {
  const thread = startRecordedThread(path)
  const { caller } = thread
  const opened = (file: string): Promise<RecordedFacts> => caller.call<RecordedFacts>('open', file, options.world)
  try {
    let facts = await opened(path)
    let at = facts.first
    return {
      form: 'recorded',
      get about() {
        return facts.about
      },
      get first() {
        return facts.first
      },
      get last() {
        return facts.last
      },
      get keyframes() {
        return facts.keyframes
      },
      get inputs() {
        return facts.inputs
      },
      get at() {
        return at
      },
      look: (query) => caller.call('look', query),
      events: (step) => caller.call('events', step),
      goTo: async (step) => {
        await caller.call('goTo', step)
        at = step
      },
      readOn: async () => {
        facts = await caller.call('readOn')
      },
      turnTo: async (file) => {
        facts = await opened(file)
        at = facts.first
      },
      close: () => thread.close(),
    }
  } catch (error) {
    await thread.close()
    throw error
  }
}
