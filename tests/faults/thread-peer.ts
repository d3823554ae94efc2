// The other thread of message-threads.test.ts: opens one side of the ring, works, and ends in the way it is told, never by closing.
import { workerData } from 'node:worker_threads'
import { attachSlab, MessageConsumer, MessageProducer } from '../../runtime/host/slabs.ts'
import { Count, type ThreadTask } from './thread-messages.ts'

const { memory, task, ending } = workerData as ThreadTask

if (task === 'produce') {
  const producer = new MessageProducer(attachSlab(memory), 'ring', Count)
  for (let number = 1; number <= 3; number++) producer.send({ number })
} else if (task === 'consume') {
  const consumer = new MessageConsumer(attachSlab(memory), 'ring', Count)
  for (let taken = 0; taken < 2; taken++) consumer.receiveOrWait()
}

if (ending === 'throw') throw new Error('as told')
if (ending === 'exit') process.exit(3)
if (ending === 'stay') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
