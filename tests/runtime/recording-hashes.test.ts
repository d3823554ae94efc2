import { describe, expect, it } from 'vitest'
import type { RecordingManifest } from '../../runtime/recording/manifest.ts'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { openRecording } from '../../runtime/recording/recording.ts'
import { testSeed } from '../counts.ts'
import { MemorySink, memorySource, randomWords, sampleManifest } from './recording-sample.ts'

function world(columns: number): RecordingManifest {
  return { ...sampleManifest, columns: Array.from({ length: columns }, (_, column) => ({ kind: 'sheep', column: String(column) })) }
}

/** Triples of the columns that `changes` picks. */
function triples(columns: number, random: () => number, changes: (column: number) => boolean): Uint32Array {
  const picked = Array.from({ length: columns }, (_, column) => column).filter(changes)
  return Uint32Array.from(picked.flatMap((column) => [column, random(), random()]))
}

describe('hashes of a recording', () => {
  it('come back for every way in which the set of changed columns can change', () => {
    const random = randomWords(testSeed('sets', 6))
    for (const columns of [0, 1, 8, 40, 300, 5000]) {
      const sink = new MemorySink()
      const writer = new RecordingWriter(sink, world(columns), { chunkBytes: 4000 })
      const steps: Uint32Array[] = []
      for (let step = 0; step < 200; step++) {
        const rare = columns === 0 ? 0 : random() % columns
        const ways = [() => true, () => false, (column: number) => column !== rare, (column: number) => column === rare, () => random() % 2 === 0]
        const changed = triples(columns, random, ways[random() % ways.length] ?? (() => true))
        steps.push(changed)
        writer.hash(step, step, random(), changed, changed.length / 3)
      }
      writer.close({ steps: 199, finalHash: '', reason: 'steps' })
      const recording = openRecording(memorySource(sink.bytes()))
      recording.check()
      for (const [step, changed] of steps.entries()) {
        expect(recording.roots[2 * step]).toBe(step)
        expect(recording.changedAt(step).flatMap(({ column, lo, hi }) => [column, lo, hi])).toEqual([...changed])
      }
    }
  })

  it('cost at most 16 bytes a step and 8 for every column that changed, everything counted', () => {
    const random = randomWords(testSeed('compact', 7))
    const steps = 20_000
    for (const [columns, rare] of [[30, 1], [30, 3], [400, 0]] as const) {
      const sink = new MemorySink()
      const writer = new RecordingWriter(sink, world(columns))
      let changes = 0
      const fixed = sink.length
      for (let step = 0; step < steps; step++) {
        const changed = triples(columns, random, (column) => column % 3 === 0 || (column === 1 && rare > 0 && step % rare === 0))
        changes += changed.length / 3
        writer.hash(step, random(), random(), changed, changed.length / 3)
        if (step % 100 === 0) writer.flush()
      }
      writer.close({ steps: steps - 1, finalHash: '', reason: 'steps' })
      expect((sink.length - fixed - 8 * changes) / steps).toBeLessThanOrEqual(16)
    }
  })

  it('of a long run are opened in well under a second', () => {
    const sink = new MemorySink()
    const writer = new RecordingWriter(sink, world(12))
    const changed = triples(12, () => 7, () => true)
    for (let step = 0; step < 216_000; step++) writer.hash(step, step, ~step >>> 0, changed, 12)
    writer.close({ steps: 215_999, finalHash: '', reason: 'steps' })
    const bytes = sink.bytes()
    const before = process.hrtime.bigint()
    const recording = openRecording(memorySource(bytes))
    expect(recording.hashAt(215_999)).toEqual({ lo: 215_999, hi: ~215_999 >>> 0 })
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(1000)
    expect(recording.columnHashAt(100_000, 11)).toEqual({ lo: 7, hi: 7 })
  })
})
