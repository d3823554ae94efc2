import { describe, expect, it } from 'vitest'
import { attachShared, BlockChecker, Coordinator, createSharedMemory, hashHex, twinKernels, type Journal, type Program, type System, type TimedInput } from '../../runtime/index.ts'
import { counts } from '../counts.ts'
import { Mover, moverProgram } from './sample-programs.ts'

const wait = { spins: 0, stallSlices: 1 }

class HashList implements Journal {
  readonly hashes: string[] = []
  readonly keyframes = new Map<number, Uint8Array>()

  hash(step: number, low: number, high: number): void {
    expect(step).toBe(this.hashes.length)
    this.hashes.push(hashHex(low, high))
  }

  input(): void {
    // Only hashes are compared here.
  }

  keyframe(step: number, bytes: Uint8Array): void {
    this.keyframes.set(step, bytes)
  }
}

function started(program: Program, options: { inputs?: readonly TimedInput[]; check?: boolean } = {}): { coordinator: Coordinator; journal: HashList } {
  const journal = new HashList()
  const state = attachShared(program, createSharedMemory(program, 1), twinKernels)
  const coordinator = new Coordinator(state, { wait, journal, inputs: options.inputs, checker: options.check === true ? (lane) => new BlockChecker(lane) : undefined, keyframeSteps: 25 })
  return { coordinator, journal }
}

function run(program: Program, steps: number, inputs: readonly TimedInput[] = []): HashList {
  const { coordinator, journal } = started(program, { inputs })
  coordinator.start()
  coordinator.runTo(steps)
  return journal
}

describe('lock-step on one thread', () => {
  const steps = counts(120, 1000)

  it('gives the same hash at every step for the same seed, and others for another', () => {
    const first = run(moverProgram({ seed: 1, movers: 300 }), steps)
    expect(run(moverProgram({ seed: 1, movers: 300 }), steps).hashes).toEqual(first.hashes)
    const other = run(moverProgram({ seed: 2, movers: 300 }), steps)
    expect(other.hashes.every((hash, step) => hash !== first.hashes[step])).toBe(true)
  })

  it('continues from every keyframe to the same hashes', () => {
    const whole = run(moverProgram({ seed: 3, movers: 300 }), steps)
    expect(whole.keyframes.size).toBeGreaterThan(2)
    for (const [step, bytes] of whole.keyframes) {
      const { coordinator, journal } = started(moverProgram({ seed: 3, movers: 300 }))
      const hashes: string[] = []
      journal.hash = (_, low, high) => hashes.push(hashHex(low, high))
      coordinator.restore(bytes)
      expect(hashHex(coordinator.hash.low, coordinator.hash.high)).toBe(whole.hashes[step])
      coordinator.runTo(Math.min(step + 30, steps))
      expect(hashes).toEqual(whole.hashes.slice(step + 1, step + 1 + hashes.length))
    }
  })

  it('applies inputs at their step, in order, and changes nothing before it', () => {
    const inputs: TimedInput[] = [
      { step: 20, source: 1, sequence: 0, input: { form: 'set', kind: 'mover', row: 3, column: 'at', value: [50, 50] } },
      { step: 20, source: 0, sequence: 5, input: { form: 'kill', kind: 'mover', row: 4 } },
      { step: 21, source: 0, sequence: 0, input: { form: 'spawn', kind: 'mover', values: { at: [1, 1] } } },
      { step: 22, source: 0, sequence: 0, input: { form: 'config', key: 'calm', value: 2 } },
    ]
    const plain = run(moverProgram({ seed: 5, movers: 300 }), 40)
    const changed = run(moverProgram({ seed: 5, movers: 300 }), 40, inputs)
    expect(changed.hashes.slice(0, 21)).toEqual(plain.hashes.slice(0, 21))
    expect(changed.hashes[21]).not.toBe(plain.hashes[21])
    expect(run(moverProgram({ seed: 5, movers: 300 }), 40, [...inputs].reverse()).hashes).toEqual(changed.hashes)
  })

  it('recovers from a fault that does not come again, with the same hashes', () => {
    let thrown = 0
    const flaky: System = {
      form: 'parallel',
      name: 'flaky',
      kind: Mover,
      run(_, world) {
        if (world.step === 60 && thrown++ === 0) throw new Error('cosmic ray')
      },
    }
    const whole = run(moverProgram({ seed: 6, movers: 300, extra: [{ ...flaky, run: () => undefined }] }), 100)
    const program = moverProgram({ seed: 6, movers: 300, extra: [flaky] })
    const journal = new HashList()
    const state = attachShared(program, createSharedMemory(program, 1), twinKernels)
    const coordinator = new Coordinator(state, { wait, journal, events: { faulted: () => true }, keyframeSteps: 25 })
    coordinator.start()
    coordinator.runTo(100)
    expect(thrown).toBe(2)
    expect(journal.hashes).toEqual(whole.hashes)
  })
})

describe('--check', () => {
  it('lets a clean program pass with the same hashes', () => {
    const { coordinator, journal } = started(moverProgram({ seed: 1, movers: 300 }), { check: true })
    coordinator.start()
    coordinator.runTo(10)
    expect(journal.hashes).toEqual(run(moverProgram({ seed: 1, movers: 300 }), 10).hashes)
  })

  it('names step, system, kind, column and row of a foreign write', () => {
    const thief: System = {
      form: 'parallel',
      name: 'thief',
      kind: Mover,
      run(rows, world) {
        if (world.step === 3 && rows.begin === 0) (rows as unknown as { write: { tags: Uint32Array } }).write.tags[200] = 7
      },
    }
    const { coordinator } = started(moverProgram({ seed: 1, movers: 300, extra: [thief] }), { check: true })
    coordinator.start()
    expect(() => {
      coordinator.runTo(10)
    }).toThrow('system thief wrote mover.tags of row 200, which is outside the rows of mover it was given (step 3); write own rows only, and tell others by message')
  })

  it('finds a system that keeps a counter of its own', () => {
    let counter = 0
    const counting: System = {
      form: 'parallel',
      name: 'counting',
      kind: Mover,
      run(rows) {
        const { age } = (rows as unknown as { write: { age: Uint32Array } }).write
        for (let row = rows.begin; row < rows.end; row++) if (rows.alive[row] === 1) age[row] = counter++
      },
    }
    const { coordinator } = started(moverProgram({ seed: 1, movers: 300, extra: [counting] }), { check: true })
    coordinator.start()
    expect(() => {
      coordinator.runTo(10)
    }).toThrow(/system counting depends on the order of rows: mover\.age of row 0 comes out otherwise/)
  })

  it('finds a write through a column taken for reading', () => {
    const sly: System = {
      form: 'parallel',
      name: 'sly',
      kind: Mover,
      run(rows) {
        const { tags } = (rows as unknown as { read: { tags: Uint32Array } }).read
        for (let row = rows.begin; row < rows.end; row++) if (rows.alive[row] === 1) tags[row] = 9
      },
    }
    const program = { ...moverProgram({ seed: 1, movers: 300 }), systems: [sly] }
    const { coordinator } = started(program, { check: true })
    coordinator.start()
    expect(() => {
      coordinator.runTo(2)
    }).toThrow(/through a column it took for reading/)
  })
})
