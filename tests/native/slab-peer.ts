// The other process of shared-memory.test.ts: does one thing with a slab, told by its arguments, and says 'ready' where somebody waits for it.
import { regionArray } from '../../runtime/index.ts'
import { attachSharedSlab, createSharedSlab, futexParker, receiveSlab, type SharedSlab } from '../../runtime/host/index.ts'
import { wordPlans } from './slab-words.ts'

const [, , task = '', place = ''] = process.argv

function wordsOf(slab: SharedSlab): Int32Array {
  return regionArray(slab, 'words', 'i32')
}

/** Turns every word into its square. */
function square(slab: SharedSlab): void {
  const words = wordsOf(slab)
  words.forEach((word, at) => Atomics.store(words, at, word * word))
  slab.close()
}

/** Sleeps on word 0 until it is woken, writes word 1 and wakes whoever sleeps there. */
function answer(words: Int32Array): void {
  const { park, wake } = futexParker()
  while (Atomics.load(words, 0) === 0) park(words, 0, 0, Infinity)
  Atomics.store(words, 1, Atomics.load(words, 0) + 1)
  wake(words, 1)
}

const tasks: Readonly<Record<string, () => void>> = {
  square: () => square(attachSharedSlab(place)),
  receive: () => square(receiveSlab(Number(place), 10_000)),
  answer: () => answer(wordsOf(attachSharedSlab(place))),
  hold: () => {
    wordsOf(createSharedSlab(place, wordPlans)).fill(7)
    process.stdout.write('ready')
    setInterval(() => undefined, 1_000)
  },
}
tasks[task]()
