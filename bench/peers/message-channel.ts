import { MessageChannel } from 'node:worker_threads'
import { compiledModule } from '../../runtime/host/index.ts'
import { runPair } from '../harness/thread-pair.ts'

/** Messages of 64 bytes per second through a MessageChannel between two threads, one postMessage each. */
export async function messageChannelRate(messages: number): Promise<number> {
  const { port1, port2 } = new MessageChannel()
  const { rate } = await runPair({
    url: compiledModule('bench/peers/message-channel.worker'),
    links: { producer: port1, consumer: port2 },
    transfer: { producer: [port1], consumer: [port2] },
    rounds: [Math.ceil(messages / 4), messages],
  })
  return rate
}
