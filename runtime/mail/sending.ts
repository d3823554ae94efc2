import type { RecordMemory } from '../schema/memory.ts'
import type { MessageType } from '../schema/message.ts'
import type { AgentId } from '../schema/types.ts'

/** How rows of a kind send: in three parts, so that the code of a machine can write a payload in place. */
export interface SendingPort {
  /** The next message's receiver, in a field: an id given to a function that is not inlined would be an object on the heap. */
  readonly receiver: { id: number }
  /** Where payloads are written. */
  readonly memory: RecordMemory
  /** The byte at which the payload of a message from a row to {@link receiver} is to be written, or -1 when it is over a limit and not sent. */
  open(row: number, type: MessageType): number
  /** Sends the message that was opened, now that its payload is written. */
  close(row: number, type: MessageType): void
}

/** Sends a message from a row. */
export function sendMail(port: SendingPort, row: number, type: MessageType, { to, payload }: { readonly to: AgentId; readonly payload: Readonly<Record<string, unknown>> }): void {
  port.receiver.id = to
  const at = port.open(row, type)
  if (at < 0) return
  type.codec.encode(payload, port.memory, at)
  port.close(row, type)
}
