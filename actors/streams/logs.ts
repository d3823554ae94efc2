/** The stream of events, as `foxglove.Log` in JSON: its time is the time of the state they show in. */
import { stepNanosOf, type Input, type RecordedMessage, type SharedState, type StreamDeclaration } from '../../runtime/index.ts'
import { jsonStream } from './counts.ts'
import { EventWatch, type RunEvent } from './events.ts'
import { jsonBytes, type Emit, type Stream } from './stream.ts'

/** `INFO` of `foxglove.Log`. */
const level = 2
const nanosPerSecond = 1e9

const text = { type: 'string' }
const whole = { type: 'integer', minimum: 0 }
const properties = {
  timestamp: { type: 'object', title: 'time', properties: { sec: whole, nsec: { ...whole, maximum: nanosPerSecond - 1 } } },
  level: { type: 'integer', oneOf: ['UNKNOWN', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'FATAL'].map((title, value) => ({ title, const: value })) },
  message: text,
  name: text,
  file: text,
  line: whole,
}

export class LogStream implements Stream {
  readonly declaration: StreamDeclaration = jsonStream('logs', 'foxglove.Log', properties)
  private readonly watch: EventWatch
  private readonly stepNanos: number

  constructor(state: SharedState) {
    const { stepMillis } = state.program
    this.watch = new EventWatch(state)
    this.stepNanos = stepNanosOf(stepMillis === 0 ? 1 : stepMillis)
  }

  input(input: Input): void {
    this.watch.input(input)
  }

  take(step: number, emit: Emit | undefined): void {
    const events = this.watch.look(step)
    if (emit === undefined) return
    const nanos = step * this.stepNanos
    const sec = Math.floor(nanos / nanosPerSecond)
    const timestamp = { sec, nsec: nanos - sec * nanosPerSecond }
    events.forEach(({ message, name }, sequence) => {
      emit(step, sequence, jsonBytes({ timestamp, level, message, name, file: '', line: 0 }))
    })
  }
}

/** Reads a message of the stream of events. */
export function readEvent({ step, bytes }: RecordedMessage): RunEvent {
  const { name, message } = JSON.parse(new TextDecoder().decode(bytes)) as RunEvent
  return { step, name, message }
}
