import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageConsumer } from '../ring/messages.ts'
import { sliceMillis } from '../ring/wait.ts'
import type { PayloadFields, ValuesOf } from '../schema/types.ts'

/**
 * The messages of a ring for those who want `await`: ends when the producer has closed and all is taken. A message leaves the ring
 * when it is asked for, so a slow loop holds its sender back. While the ring is empty it looks every millisecond, later every five; a loop that
 * must answer sooner blocks its thread with `receiveOrWait`. Throws `peer-dead`.
 */
export async function* messagesOf<F extends PayloadFields>(consumer: MessageConsumer<F>): AsyncGenerator<ValuesOf<F>, void, undefined> {
  for (let millis = 1; ; millis = Math.min(millis + 1, sliceMillis)) {
    for (let values = consumer.receiveOrWait(0); values !== undefined; values = consumer.receiveOrWait(0)) {
      millis = 1
      yield values
    }
    if (consumer.isOver) return
    await sleep(millis)
  }
}
