import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { attachSlab, createRng, createSlab, elementBytes, findRing, markDead, MetabonkError, readCounters, RecordConsumer, RecordProducer, type RingPort, type Rng, type Slab } from '../../runtime/index.ts'
import { lineWord, ringHeaderBytes, ringVersion, ringWord, sideWord } from '../../runtime/ring/layout.ts'
import { threadPort } from '../../runtime/ring/wait.ts'
import { entryByte, entryBytes, headerBytes, headerWord, slabVersion } from '../../runtime/slab/layout.ts'
import { counts, testSeed } from '../counts.ts'
import { forms, plans, type Form } from './ring-forms.ts'

const seed = testSeed('hostile peers', 36)
const formNames = Object.keys(forms) as (keyof typeof forms)[]
/** What an attack may come to; 'none' is that nothing was thrown. */
const fine = ['none', 'schema', 'ring', 'limit', 'peer-dead']

/** The code of what the action throws; whatever is no MetabonkError comes out. */
function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof MetabonkError) return error.code
    throw error
  }
  return 'none'
}

function bytesOf({ buffer }: Slab): Uint8Array {
  return new Uint8Array(buffer)
}

/** Whether all bytes but those of a form's regions are the same. */
function isSameBeside({ regions }: Form, slab: Slab, before: Uint8Array): boolean {
  const now = bytesOf(slab).slice()
  for (const { name, byteOffset, length, dtype } of slab.regions) {
    const end = byteOffset + length * elementBytes[dtype]
    if (regions.includes(name)) now.set(before.subarray(byteOffset, end), byteOffset)
  }
  return Buffer.compare(now, before) === 0
}

/** Attaches a slab that may hold anything and works with one form of it; the code of what that came to. */
function attack(buffer: SharedArrayBuffer, form: Form): string {
  let slab: Slab | undefined
  let before = new Uint8Array()
  const code = codeOf(() => {
    slab = attachSlab(buffer)
    before = bytesOf(slab).slice()
    const { write, read } = form.open(slab)
    for (let at = 0; at < 8; at++) {
      write()
      read()
    }
  })
  expect(fine).toContain(code)
  if (slab !== undefined) expect(isSameBeside(form, slab, before)).toBe(true)
  return code
}

/** Every byte that describes something: header, directory, and the lines of each ring. */
function described(slab: Slab): number[] {
  const span = (from: number, bytes: number): number[] => Array.from({ length: bytes }, (_, i) => from + i)
  const rings = slab.regions.filter(({ kind }) => kind === 'ring')
  return [...span(0, headerBytes + plans.length * entryBytes), ...rings.flatMap(({ byteOffset }) => span(byteOffset, ringHeaderBytes))]
}

const words = [0, 1, 2, 3, 4, 8, 9, 64, 256, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff]
const doubles = [0, -0, 0.5, -1, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 60, 64, 256, 1e300, 5e-324]

describe('a slab whose header, directory or ring headers were changed', () => {
  const pristine = createSlab(plans)
  const places = described(pristine)
  const copy = (change: (view: DataView) => void): SharedArrayBuffer => {
    const buffer = new SharedArrayBuffer(pristine.buffer.byteLength)
    new Uint8Array(buffer).set(bytesOf(pristine))
    change(new DataView(buffer))
    return buffer
  }

  it('is refused or works, byte by byte', () => {
    const codes = new Set<string>()
    places.forEach((place, i) => {
      for (const change of [0xff, 1, 0x80].slice(0, counts(1, 3))) {
        const form = forms[formNames[i % formNames.length]]
        codes.add(attack(copy((view) => view.setUint8(place, view.getUint8(place) ^ change)), form))
      }
    })
    expect([...codes].sort()).toEqual(expect.arrayContaining(['none', 'ring', 'schema']))
  })

  it('is refused or works, with numbers at random', () => {
    const rng = createRng(seed, 1)
    for (let round = 0; round < counts(3_000, 100_000); round++) {
      const buffer = copy((view) => {
        for (let at = 0; at <= rng.below(3); at++) {
          const place = places[rng.below(places.length)] & ~7
          if (rng.below(2) === 0) view.setFloat64(place, doubles[rng.below(doubles.length)], true)
          else view.setUint32(place + 4 * rng.below(2), rng.below(3) === 0 ? rng.u32() : words[rng.below(words.length)], true)
        }
      })
      attack(buffer, forms[formNames[round % formNames.length]])
    }
  })

  const ringByte = pristine.regions.find(({ name }) => name === 'records')?.byteOffset ?? 0
  const asBigEndian = (view: DataView): void => {
    for (let at = 0; at < headerBytes; at += 4) view.setUint32(at, view.getUint32(at, true), false)
  }
  it.each<[string, (view: DataView) => void, string]>([
    ['a later version', (view) => view.setUint32(headerWord.version * 4, slabVersion + 1, true), `layout version ${String(slabVersion + 1)} is not ${String(slabVersion)}`],
    ['a machine of the other byte order', asBigEndian, 'the other byte order'],
    ['a writer of mixed byte order', (view) => view.setUint32(headerWord.byteOrder * 4, 0x04030201, true), 'its byte order mark is wrong'],
    ['a maker whose directory points outside', (view) => view.setFloat64(headerBytes + entryByte.offset, 2 ** 30, true), 'points outside'],
    ['a maker of later rings', (view) => view.setUint32(ringByte + ringWord.version * 4, ringVersion + 1, true), `layout version ${String(ringVersion + 1)} is not ${String(ringVersion)}`],
  ])('is refused by name when it is of %s', (_, change, told) => {
    expect(() => findRing(attachSlab(copy(change)), 'records')).toThrow(expect.objectContaining({ code: 'schema', message: expect.stringContaining(told) as string }) as Error)
  })

  it('is refused when it is cut short anywhere', () => {
    const bytes = bytesOf(pristine)
    for (let length = 0; length < bytes.length; length += counts(61, 1)) {
      const buffer = new SharedArrayBuffer(length)
      new Uint8Array(buffer).set(bytes.subarray(0, length))
      expect(codeOf(() => attachSlab(buffer))).toBe('schema')
    }
  })
})

/** Word offsets in the slab of what a form shares: all of its regions but what is written once. */
function shared(slab: Slab, { regions }: Form): number[] {
  return slab.regions.filter(({ name }) => regions.includes(name)).flatMap(({ kind, byteOffset, length, dtype }) => {
    const from = byteOffset / 4 + (kind === 'ring' ? lineWord.producer : 0)
    const end = (byteOffset + length * elementBytes[dtype]) / 4
    return Array.from({ length: end - from }, (_, i) => from + i)
  })
}

function spoil(slab: Slab, targets: readonly number[], rng: Rng): void {
  const all = new Int32Array(slab.buffer)
  const target = targets[rng.below(targets.length)]
  all[target] = rng.below(2) === 0 ? rng.u32() : words[rng.below(words.length)] + all[target] * rng.below(2)
}

describe('a peer that writes what it likes', () => {
  it.each(formNames)('comes to a typed error or to garbage, within the region: %s', (name) => {
    const rng = createRng(seed, 2)
    const form = forms[name]
    const codes = new Set<string>()
    for (let round = 0; round < counts(500, 50_000); round++) {
      const slab = createSlab(plans)
      const before = bytesOf(slab).slice()
      const { write, read } = form.open(slab)
      const targets = shared(slab, form)
      for (let turn = 0; turn < 30; turn++) {
        if (rng.below(3) === 0) spoil(slab, targets, rng)
        codes.add(codeOf(rng.below(2) === 0 ? write : read))
      }
      expect(isSameBeside(form, slab, before)).toBe(true)
    }
    expect([...codes].filter((code) => !fine.includes(code))).toEqual([])
    expect([...codes]).toEqual(expect.arrayContaining(name === 'many' ? ['none'] : ['none', 'ring']))
  })

  it.each(formNames)('while the other side works, from another thread: %s', async (name) => {
    const form = forms[name]
    const slab = createSlab(plans)
    const before = bytesOf(slab).slice()
    const targets = Int32Array.from(shared(slab, form))
    const code = `
      const { buffer, targets, millis } = require('node:worker_threads').workerData
      const all = new Int32Array(buffer)
      let x = ${String(seed)}
      for (const end = performance.now() + millis; performance.now() < end; ) {
        for (let i = 0; i < 1000; i++) {
          x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x9e3779b1 | 0
          const target = targets[(x >>> 4) % targets.length]
          all[target] = i % 3 === 0 ? x : i % 3 === 1 ? all[target] + (x & 15) : x & 3
        }
      }`
    const vandal = new Worker(code, { eval: true, workerData: { buffer: slab.buffer, targets, millis: counts(150, 5_000) } })
    const ended = new Promise((resolve) => vandal.once('exit', resolve))
    let [isOver, longest, turns] = [false, 0, 0]
    void ended.then(() => (isOver = true))
    for (let sides = undefined as ReturnType<Form['open']> | undefined; !isOver; turns++) {
      const begin = performance.now()
      const outcome = codeOf(() => {
        sides ??= form.open(slab)
        for (let at = 0; at < 100; at++) (at % 2 === 0 ? sides.write : sides.read)()
      })
      longest = Math.max(longest, performance.now() - begin)
      expect(fine).toContain(outcome)
      if (outcome !== 'none') sides = undefined
      if (turns % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(turns).toBeGreaterThan(0)
    expect(longest).toBeLessThan(2_000)
    expect(isSameBeside(form, slab, before)).toBe(true)
  })
})

describe('Side', () => {
  const processes = (alive: readonly number[], pid: number): RingPort => ({ ...threadPort, pid, isAlive: (each) => alive.includes(each) })
  const lineOf = (state: number, pid: number): ReturnType<typeof findRing> => {
    const ring = findRing(createSlab(plans), 'records')
    ring.words[lineWord.producer + sideWord.state] = state
    ring.words[lineWord.producer + sideWord.pid] = pid
    return ring
  }

  it('belongs to the process that noted its pid, whatever it has not yet said', () => {
    for (const state of [0, 1, 2, 3]) {
      const open = (alive: readonly number[]) => () => new RecordProducer(lineOf(state, 20), undefined, { port: processes(alive, 30) })
      expect(codeOf(open([20, 30]))).toBe('ring')
      expect(codeOf(open([30]))).toBe('none')
    }
  })

  it('is over, not dead, when it was killed while it closed; and may be had again', () => {
    const ring = lineOf(2, 20)
    const consumer = new RecordConsumer(ring, undefined, { port: processes([30], 30) })
    expect([consumer.claimOrWait(1), consumer.isOver]).toEqual([0, true])
    expect(new RecordProducer(ring, undefined, { port: processes([30], 30) }).claim(1)).toBe(1)
    expect(readCounters(ring)).toMatchObject({ producer: 'open', consumer: 'open' })
  })

  it('may be had again in the same process when its thread died', () => {
    const ring = lineOf(0, 0)
    const port = processes([30], 30)
    const open = (): RecordProducer => new RecordProducer(ring, undefined, { port })
    open()
    expect(codeOf(open)).toBe('ring')
    markDead(ring, 'producer', { port })
    expect([codeOf(open), codeOf(open)]).toEqual(['none', 'ring'])
  })
})
