/** Entry of the threads that work on recordings: where one is looked at, its replica may be a long way from the step that is wanted; questions take as long as they take. */
import { parentPort } from 'node:worker_threads'
import { bisectRecordings, openRecording } from '../../../actors/index.ts'
import { assert } from '../../../runtime/index.ts'
import { answerTo, type Request } from './calls.ts'
import type { ViewQuery } from './model.ts'
import { RecordedView, type RecordedFacts } from './recorded-view.ts'
import { forkOf, Searches, type SearchRange } from './searches.ts'

/** The recording that is looked at here: of a run in parts now one of them, now another. */
class Looked {
  private view: RecordedView | undefined
  private turning: Promise<unknown> = Promise.resolve()

  /** Opens a recording instead of the one before; that stays when it can't be opened. */
  open(path: string, world: string | undefined): Promise<RecordedFacts> {
    const opened = this.turning.then(async () => {
      const view = new RecordedView(await openRecording(path, { world }))
      const before = this.view
      this.view = view
      await before?.leave()
      return view.facts()
    })
    this.turning = opened.catch(() => undefined)
    return opened
  }

  get here(): RecordedView {
    assert(this.view !== undefined, 'a recording is opened before it is looked at')
    return this.view
  }
}

const port = parentPort
assert(port !== null, 'recordings are worked on in a thread of its own')
const looked = new Looked()
const searches = new Searches()
const methods = {
  open: (path: string, world: string | undefined) => looked.open(path, world),
  readOn: () => looked.here.readOn(),
  look: (query: ViewQuery) => looked.here.look(query),
  goTo: (step: number) => looked.here.goTo(step),
  events: (step: number) => looked.here.events(step),
  find: (path: string, expression: string, range: SearchRange) => searches.find(path, expression, range),
  why: (path: string, step: number, target: string) => searches.why(path, step, target),
  fork: (path: string, at: number, changes: readonly string[]) => searches.until((signal) => forkOf(path, { at, changes, signal })),
  bisect: (a: string, b: string) => bisectRecordings(a, b),
  end: (what: 'search' | 'all') => { searches.end(what) },
}
port.on('message', (request: Request) => {
  void answerTo(methods, request).then((answer) => { port.postMessage(answer) })
})
