import { hashHex } from '../hash/hex.ts'
import { counterDouble, failuresWord, frameHeaderBytes, lineWord, openingsWord, paddingLength, ringForms, ringHeaderBytes, ringMagic, ringVersion, ringWord, sideStates, sideWord, sleepWord } from '../ring/layout.ts'
import { byteOrderMark, entryByte, entryBytes, headerBytes, headerWord, lineBytes, nameBytes, ownerByte, rankMax, regionDtypes, regionKinds, regionsMax, slabMagic, slabVersion } from '../slab/layout.ts'
import type { MessageType } from './message.ts'
import { isList, recordAlignment, type PlacedField } from './placement.ts'
import type { Dtype } from './types.ts'

/** Numbers, lists of names (whose places are the numbers) and named groups of them. */
interface Constants {
  readonly [name: string]: number | readonly string[] | Constants
}

const layout: Constants = {
  slab: { magic: slabMagic, version: slabVersion, byteOrderMark, headerBytes, entryBytes, lineBytes, nameBytes, rankMax, regionsMax, headerWord, ownerByte, entryByte },
  region: regionKinds,
  dtype: regionDtypes,
  ring: { magic: ringMagic, version: ringVersion, headerBytes: ringHeaderBytes, frameHeaderBytes, paddingLength, word: ringWord, lineWord, sideWord, sleepWord, openingsWord, failuresWord, counterDouble },
  form: ringForms,
  side: sideStates,
}

const cTypes: Readonly<Record<Dtype, string>> = { f32: 'float', f64: 'double', i32: 'int32_t', u32: 'uint32_t', u16: 'uint16_t', u8: 'uint8_t' }

/** Words of C11 and C++20, and macros of common compilers, that can't be the name of a field. */
const reserved: ReadonlySet<string> = new Set(
  [
    'NULL int32_t uint32_t uint16_t uint8_t size_t offsetof',
    'alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl concept const consteval',
    'constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit export',
    'extern false float for friend goto if inline int linux long mutable namespace new noexcept not not_eq nullptr operator or or_eq private',
    'protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch',
    'template this thread_local throw true try typedef typeid typename union unix unsigned using virtual void volatile wchar_t while xor xor_eq',
  ].flatMap((line) => line.split(' ')),
)

/**
 * A header for C11 and C++20: the layout of slabs, and for every message `struct metabonk_NAME`, its size and the identity of its schema
 * (`METABONK_SCHEMA_NAME`). The compiler checks sizes and offsets. Fields called like a word of the language get an underscore.
 */
export function cHeader(messages: readonly MessageType[]): string {
  return [
    '// Made by metabonk from its own layout; everything in memory is little-endian.',
    '#pragma once',
    '#include <stddef.h>',
    '#include <stdint.h>',
    ...(messages.length > 0 ? ['#ifndef __cplusplus', '#include <assert.h>', '#include <stdalign.h>', '#endif'] : []),
    '',
    ...constantLines('METABONK', layout),
    ...messages.flatMap(structLines),
    '',
  ].join('\n')
}

function constantLines(prefix: string, value: Constants[string]): string[] {
  if (typeof value === 'number') return [`#define ${prefix} ${value}u`]
  const entries: readonly (readonly [string, Constants[string]])[] = isNames(value) ? value.map((name, i) => [name, i]) : Object.entries(value)
  return entries.flatMap(([name, each]) => constantLines(`${prefix}_${name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}`, each))
}

function isNames(value: readonly string[] | Constants): value is readonly string[] {
  return Array.isArray(value)
}

function structLines({ name, codec }: MessageType): string[] {
  const type = `struct metabonk_${name}`
  const names = cNames(codec.fields)
  const identity = [`#define METABONK_SCHEMA_${name} 0x${hashHex(codec.hash.low, codec.hash.high)}ull`, `#define METABONK_BYTES_${name} ${codec.bytes}u`]
  if (codec.bytes === 0) return ['', ...identity]
  return [
    '',
    ...identity,
    `${type} {`,
    ...codec.fields.map((field, i) => `  ${memberCode(field, names[i], i === 0)}`),
    '};',
    `static_assert(sizeof(${type}) == METABONK_BYTES_${name}, "size of ${name}");`,
    ...codec.fields.map(({ byteOffset }, i) => `static_assert(offsetof(${type}, ${names[i]}) == ${byteOffset}, "place of ${name}.${names[i]}");`),
  ]
}

function cNames(fields: readonly PlacedField[]): string[] {
  const taken = new Set(fields.map(({ name }) => name))
  return fields.map(({ name }) => {
    if (!reserved.has(name) && !/^_[A-Z_]/.test(name)) return name
    let free = `${name}_`
    while (taken.has(free)) free += '_'
    taken.add(free)
    return free
  })
}

/** Aligned by hand at the record's start, for its size, and at f64, which some compilers for 32 bits put at multiples of 4. */
function memberCode({ type }: PlacedField, name: string, first: boolean): string {
  const member = `${first || type.dtype === 'f64' ? `alignas(${recordAlignment}) ` : ''}${cTypes[type.dtype]} ${name}${isList(type) ? `[${type.width}]` : ''};`
  if (type.form === 'enum') return `${member}  // ${type.labels.map((label, code) => `${code} ${JSON.stringify(label)}`).join(', ')}`
  return type.form === 'id' ? `${member}  // address, generation` : type.form === 'bool' ? `${member}  // 0 or 1` : member
}
