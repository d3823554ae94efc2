import { attachSharedSlab, processPort } from '../../runtime/host/index.ts'
import { regionArray } from '../../runtime/index.ts'
import { runRounds, type PairRole } from '../harness/thread-pair.ts'
import { sendWords, takeWords, type StreamFormat } from './words.ts'

/** What a process is to do with the ring `words` of a shared slab; `gate` is a region of one word. */
export interface ProcessTask {
  readonly name: string
  readonly role: PairRole
  readonly format: StreamFormat
  readonly rounds: readonly number[]
}

const { name, role, format, rounds } = JSON.parse(process.argv[2]) as ProcessTask
const slab = attachSharedSlab(name)
const options = { waiting: 'spin', port: processPort() } as const
const work = role === 'producer' ? sendWords(slab, format, options) : takeWords(slab, format, options)
const { begin, end } = await runRounds(work, rounds, regionArray(slab, 'gate', 'i32'))
console.log(JSON.stringify({ begin: String(begin), end: String(end) }))
