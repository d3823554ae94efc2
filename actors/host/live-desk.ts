import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { attachShared, MetabonkError, Mirror, type Coordinator, type ErrorParts, type FeedProducer, type Input, type SharedMemory, type SharedState } from '../../runtime/index.ts'

/** What the host asks of the coordinator's thread beside its steps. */
export type LiveRequest =
  /** The memory for copies, once and before the first of them. */
  | { readonly form: 'mirror'; readonly memory: SharedMemory }
  | { readonly form: 'sample'; readonly id: number }
  | { readonly form: 'input'; readonly id: number; readonly input: Input }
  | { readonly form: 'flush'; readonly id: number }

/** What comes of a request: for a sample and an input their step, for a flush how far the feed must be taken. */
export interface LiveAnswer {
  readonly id: number
  readonly value: number
  readonly error?: ErrorParts
}

/** Inputs of those who watch a run come after the ones it was given. */
const liveSource = 1

/** Serves the host in the coordinator's thread, at step boundaries: copies of the state, inputs, the recording on the disk. */
export class LiveDesk {
  private readonly port: MessagePort
  private readonly state: SharedState
  private readonly feed: FeedProducer | undefined
  private mirror: Mirror | undefined
  private copied = -1

  constructor(port: MessagePort, state: SharedState, feed: FeedProducer | undefined) {
    this.port = port
    this.state = state
    this.feed = feed
  }

  /** Does what was asked for until now. */
  serve(coordinator: Coordinator): void {
    for (;;) {
      const received: { readonly message: LiveRequest } | undefined = receiveMessageOnPort(this.port)
      if (received === undefined) return
      const { message } = received
      if (message.form === 'mirror') this.mirror = new Mirror(this.state, attachShared(this.state.program, message.memory, this.state.kernels))
      else this.port.postMessage(this.answer(coordinator, message))
    }
  }

  private answer(coordinator: Coordinator, request: Exclude<LiveRequest, { readonly form: 'mirror' }>): LiveAnswer {
    const { id } = request
    try {
      if (request.form === 'input') return { id, value: coordinator.takeInput(liveSource, request.input) }
      return { id, value: request.form === 'sample' ? this.copy() : (this.feed?.flush() ?? 0) }
    } catch (error) {
      if (error instanceof MetabonkError) return { id, value: 0, error: error.toParts() }
      throw error
    }
  }

  /** Copies the state, unless the copy is of this step already. Returns the step. */
  private copy(): number {
    const { step } = this.state.control
    if (step !== this.copied) this.mirror?.take()
    this.copied = step
    return step
  }
}
