import { attachSlab, BlockReceiver, BlockSender, findRing, ManyRing, memoryOf, MessageConsumer, MessageProducer, type RecordMemory, type RingMemory, type Slab } from '../../runtime/index.ts'
import { Barrier } from '../../runtime/lockstep/barrier.ts'
import { command, Control } from '../../runtime/lockstep/control.ts'
import { runThread, type PairRole, type SideWork } from '../harness/thread-pair.ts'
import { barrierShape } from './barrier-shape.ts'
import { checker64, sender64, sendWords, takeWords, Words64, type StreamFormat } from './words.ts'

/** What a pair of threads is to do, with what. Each but `barrier` finds its rings in the slab. */
export type SlabTask =
  | { readonly form: 'words'; readonly memory: SharedArrayBuffer; readonly format: StreamFormat; readonly consumerBatch: number }
  | { readonly form: 'round-trip'; readonly memory: SharedArrayBuffer }
  | { readonly form: 'blocks'; readonly memory: SharedArrayBuffer; readonly batch: number }
  | { readonly form: 'many'; readonly memory: SharedArrayBuffer }
  | { readonly form: 'barrier'; readonly memory: SharedArrayBuffer; readonly spins: number }

const spin = { waiting: 'spin' } as const

const sides: { readonly [F in SlabTask['form']]: (task: Extract<SlabTask, { form: F }>, role: PairRole) => SideWork } = {
  words: ({ memory, format, consumerBatch }, role) =>
    role === 'producer' ? sendWords(attachSlab(memory), format, spin) : takeWords(attachSlab(memory), { ...format, batch: consumerBatch }, spin),
  'round-trip': ({ memory }, role) => (role === 'producer' ? asking(attachSlab(memory)) : answering(attachSlab(memory))),
  blocks: ({ memory, batch }, role) => (role === 'producer' ? lending(attachSlab(memory), batch) : receiving(attachSlab(memory))),
  many: ({ memory }, role) => (role === 'producer' ? putting(attachSlab(memory)) : getting(attachSlab(memory))),
  barrier: ({ memory, spins }, role) => meeting(memory, spins, role),
}

await runThread<SlabTask>(({ role, link }) => (sides[link.form] as (task: SlabTask, role: PairRole) => SideWork)(link, role))

/** Nanoseconds that asking for the time takes: between two askings, that much is measured which is not there. */
function clockNanoseconds(): number {
  const samples = Array.from({ length: 10_000 }, () => {
    const begin = performance.now()
    return performance.now() - begin
  })
  return samples.sort((a, b) => a - b)[samples.length >> 1] * 1e6
}

/** Sends a message there and waits for its answer, every word of both written and checked; nanoseconds of each, less those of the clock. */
function asking(slab: Slab): SideWork {
  const there = new MessageProducer(slab, 'there', Words64, spin)
  const back = new MessageConsumer(slab, 'back', Words64, spin)
  const write = sender64(there)
  const check = checker64(back)
  const clock = clockNanoseconds()
  return (trips) => {
    const nanoseconds = new Array<number>(trips)
    let wrong = 0
    for (let trip = 0; trip < trips; trip++) {
      const begin = performance.now()
      there.claimOrWait(1)
      write(there.at, 1, trip)
      there.publish(1)
      back.claimOrWait(1)
      wrong |= check(back.at, 1, trip + 1)
      nanoseconds[trip] = (performance.now() - begin) * 1e6 - clock
      back.release(1)
    }
    if (wrong !== 0) throw new Error(`of ${trips} answers, some came wrong`)
    return nanoseconds
  }
}

function answering(slab: Slab): SideWork {
  const there = new MessageConsumer(slab, 'there', Words64, spin)
  const back = new MessageProducer(slab, 'back', Words64, spin)
  const check = checker64(there)
  const write = sender64(back)
  return (trips) => {
    for (let trip = 0; trip < trips; trip++) {
      there.claimOrWait(1)
      const wrong = check(there.at, 1, trip)
      back.claimOrWait(1)
      // A wrong question gets a wrong answer, so that one side reports for both.
      write(back.at, 1, wrong === 0 ? trip + 1 : trip)
      back.publish(1)
      there.release(1)
    }
  }
}

function firstWord({ buffer, byteOffset }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 1)
}

/** Fills the first word of blocks and hands them over. */
function lending(slab: Slab, batch: number): SideWork {
  const sender = new BlockSender(slab, 'blocks', spin)
  const firsts = sender.blocks.map(firstWord)
  return (blocks) => {
    for (let sent = 0; sent < blocks; sent++) {
      const block = sender.claimOrWait()
      firsts[block][0] = sent
      sender.send(block, sender.blocks[block].length)
      if (sent % batch === batch - 1) sender.publish()
    }
    sender.publish()
  }
}

function receiving(slab: Slab): SideWork {
  const receiver = new BlockReceiver(slab, 'blocks', spin)
  const firsts = receiver.blocks.map(firstWord)
  return (blocks) => {
    for (let taken = 0; taken < blocks; taken++) {
      receiver.nextOrWait()
      if (firsts[receiver.block][0] !== taken || receiver.length !== receiver.blocks[receiver.block].length) throw new Error(`block ${taken} came wrong`)
      receiver.release(receiver.block)
    }
    receiver.publish()
  }
}

function putting(slab: Slab): SideWork {
  const many = new ManyRing(findRing(slab, 'many'), undefined)
  const write = sender64({ fields: Words64.cursor(memoryOfRing(many.ring)) })
  return (messages) => {
    for (let sent = 0; sent < messages; sent++) {
      while (!many.claim());
      write(many.at, 1, sent)
      many.publish()
    }
  }
}

function getting(slab: Slab): SideWork {
  const many = new ManyRing(findRing(slab, 'many'), undefined)
  const check = checker64({ fields: Words64.cursor(memoryOfRing(many.ring)) })
  return (messages) => {
    let wrong = 0
    for (let taken = 0; taken < messages; taken++) {
      while (!many.next());
      wrong |= check(many.at, 1, taken)
      many.release()
    }
    if (wrong !== 0) throw new Error(`of ${messages} messages, some came wrong`)
  }
}

function memoryOfRing({ buffer, byteOffset, words }: RingMemory): RecordMemory {
  return memoryOf(buffer, byteOffset, words.byteLength)
}

/** The barrier of a step, over and over: the producer coordinates; nanoseconds from its release to the other's arrival, less those of the clock. */
function meeting(memory: SharedArrayBuffer, spins: number, role: PairRole): SideWork {
  const control = new Control(memory, barrierShape)
  const barrier = new Barrier(control, { spins, stallSlices: 100 })
  const clock = clockNanoseconds()
  let seen = 0
  return (meetings) => {
    const nanoseconds = new Array<number>(meetings)
    for (let meeting = 0; meeting < meetings; meeting++) {
      if (role === 'consumer') {
        seen = barrier.awaitRelease(seen)
        barrier.arrive()
        continue
      }
      const begin = performance.now()
      barrier.release(command.move)
      barrier.awaitArrivals(() => 'the other side')
      nanoseconds[meeting] = (performance.now() - begin) * 1e6 - clock
    }
    return role === 'producer' ? nanoseconds : undefined
  }
}
