import { Worker, parentPort, workerData, type Transferable } from 'node:worker_threads'

/** The two sides of a pair. */
export type PairRole = 'producer' | 'consumer'

/** Two threads of one module, one of which sends to the other. */
export interface ThreadPair<Link> {
  /** URL of the compiled module; it calls `runThread`. */
  readonly url: string
  /** What each side needs to reach the other. */
  readonly links: Readonly<Record<PairRole, Link>>
  readonly transfer?: Readonly<Record<PairRole, Transferable[]>>
  /** Messages of each round. The last round is timed, those before it let the compiler see the code. */
  readonly rounds: readonly number[]
}

/** One of the two sides, seen from within. */
export interface Side<Link> {
  readonly role: PairRole
  readonly link: Link
}

/** What a side does with the messages of a round: it sends or takes them and verifies each word. It may give figures of its own, a list of numbers. */
export type SideWork = (messages: number) => unknown

interface ThreadData<Link> extends Side<Link> {
  readonly rounds: readonly number[]
  readonly gate: SharedArrayBuffer
}

/** When a side began and ended its last round, on the clock that all threads and processes share, and its figures. */
export interface SideResult {
  readonly begin: bigint
  readonly end: bigint
  readonly figures: readonly number[]
}

/** What came of a pair. */
export interface PairResult {
  /** Messages per second of the last round, from when both sides are there until both are done. */
  readonly rate: number
  /** Figures of the producer. */
  readonly figures: readonly number[]
}

/** Sums up the two sides of a pair that carried so many messages in its last round. */
export function pairResult(messages: number, producer: SideResult, consumer: SideResult): PairResult {
  const end = producer.end > consumer.end ? producer.end : consumer.end
  return { rate: (messages * 1e9) / Number(end - producer.begin), figures: producer.figures }
}

/** Runs a pair of threads. */
export async function runPair<Link>({ url, links, transfer, rounds }: ThreadPair<Link>): Promise<PairResult> {
  const gate = new SharedArrayBuffer(4)
  const start = (role: PairRole): Worker => {
    const data: ThreadData<Link> = { role, link: links[role], rounds, gate }
    return new Worker(new URL(url), { workerData: data, transferList: transfer?.[role] })
  }
  const workers = [start('producer'), start('consumer')]
  try {
    const [producer, consumer] = await Promise.all(workers.map(resultOf))
    return pairResult(rounds[rounds.length - 1], producer, consumer)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function resultOf(worker: Worker): Promise<SideResult> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (status) => {
      reject(new Error(`a thread of a pair ended with status ${status} and without its result`))
    })
  })
}

/** What a thread of a pair does. */
export async function runThread<Link>(begin: (side: Side<Link>) => SideWork): Promise<void> {
  const { role, link, rounds, gate } = workerData as ThreadData<Link>
  parentPort?.postMessage(await runRounds(begin({ role, link }), rounds, new Int32Array(gate)))
}

/** Works through the rounds; before each, waits at the gate until the other side is there too. */
export async function runRounds(work: SideWork, rounds: readonly number[], gate: Int32Array): Promise<SideResult> {
  let result: SideResult = { begin: 0n, end: 0n, figures: [] }
  for (const [round, messages] of rounds.entries()) {
    meet(gate, 2 * (round + 1))
    const begin = process.hrtime.bigint()
    const figures = await work(messages)
    result = { begin, end: process.hrtime.bigint(), figures: Array.isArray(figures) ? (figures as number[]) : [] }
  }
  return result
}

/** Waits until both sides have come here: looking on, since only memory of threads can be slept on. */
function meet(gate: Int32Array, both: number): void {
  Atomics.add(gate, 0, 1)
  while (Atomics.load(gate, 0) < both);
}
