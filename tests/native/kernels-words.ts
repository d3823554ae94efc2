import fc from 'fast-check'

/** Words that trouble a hash of floats: NaNs of every kind, infinities, zeros, their neighbours. */
const trouble = fc.constantFrom(
  0, 1, 0x80000000, 0xffffffff, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff, 0xff800000, 0xff800001,
  0xffc00000, 0x7fefffff, 0x7ff00000, 0x7ff00001, 0x7ff80000, 0xfff00000, 0xfff80000,
)

/** One u32 of any kind. */
export const anyWord = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), trouble)

/** A run of blocks and the class of its elements. */
export const anyBlocks = fc
  .record({ rows: fc.integer({ min: 0, max: 12 }), blocks: fc.integer({ min: 0, max: 5 }), elementClass: fc.integer({ min: 0, max: 2 }) })
  .chain(({ rows, blocks, elementClass }) =>
    fc.record({
      size: fc.constant(rows * 8),
      blocks: fc.constant(blocks),
      elementClass: fc.constant(elementClass),
      words: fc.array(anyWord, { minLength: rows * 8 * blocks, maxLength: rows * 8 * blocks }),
    }),
  )
