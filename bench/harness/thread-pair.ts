import { Worker, parentPort, workerData, type Transferable } from 'node:worker_threads'

/** Two threads of one module, one of which sends to the other. */
export interface ThreadPair<Link> {
  /** URL of the compiled module; it calls `runSide`. */
  readonly url: string
  /** What each side needs to reach the other. */
  readonly links: { readonly producer: Link; readonly consumer: Link }
  readonly transfer?: { readonly producer: Transferable[]; readonly consumer: Transferable[] }
  /** Messages of each round. The last round is timed, those before it let the compiler see the code. */
  readonly rounds: readonly number[]
}

/** One of the two threads, seen from within. */
export interface Side<Link> {
  readonly role: 'producer' | 'consumer'
  readonly link: Link
}

interface SideData<Link> extends Side<Link> {
  readonly rounds: readonly number[]
  readonly gate: SharedArrayBuffer
}

/** When a side began and ended its last round, on the clock that all threads share. */
interface SideTimes {
  readonly begin: bigint
  readonly end: bigint
}

/** Messages per second of the last round, from when both threads are there until the consumer has the last message. */
export async function threadPairRate<Link>({ url, links, transfer, rounds }: ThreadPair<Link>): Promise<number> {
  const gate = new SharedArrayBuffer(4)
  const start = (role: 'producer' | 'consumer'): Worker => {
    const data: SideData<Link> = { role, link: links[role], rounds, gate }
    return new Worker(new URL(url), { workerData: data, transferList: transfer?.[role] })
  }
  const workers = [start('producer'), start('consumer')]
  try {
    const [producer, consumer] = await Promise.all(workers.map(timesOf))
    return (rounds[rounds.length - 1] * 1e9) / Number(consumer.end - producer.begin)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function timesOf(worker: Worker): Promise<SideTimes> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (status) => reject(new Error(`a thread of a pair ended with status ${status} and without its times`)))
  })
}

/** What a thread of a pair does: `work` sends or takes the messages of a round and verifies each word. */
export async function runSide<Link>(begin: (side: Side<Link>) => (messages: number) => void | Promise<void>): Promise<void> {
  const { role, link, rounds, gate } = workerData as SideData<Link>
  const arrived = new Int32Array(gate)
  const work = begin({ role, link })
  let times: SideTimes = { begin: 0n, end: 0n }
  for (const [round, messages] of rounds.entries()) {
    meet(arrived, 2 * (round + 1))
    const begun = process.hrtime.bigint()
    await work(messages)
    times = { begin: begun, end: process.hrtime.bigint() }
  }
  parentPort?.postMessage(times)
}

/** Waits until both threads have come here. */
function meet(arrived: Int32Array, both: number): void {
  Atomics.add(arrived, 0, 1)
  Atomics.notify(arrived, 0)
  for (let count = Atomics.load(arrived, 0); count < both; count = Atomics.load(arrived, 0)) Atomics.wait(arrived, 0, count)
}
