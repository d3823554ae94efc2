import { hasPolicy } from '../../brain/index.ts'
import { hasFrames } from '../../compositor/index.ts'
import { closest, decodeInput, MetabonkError, type KindType, type Program, type SharedState } from '../../runtime/index.ts'
import { machineNames } from '../statechart/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { MetricsStream, StatesStream } from './counts.ts'
import { FrameHashStream } from './frame-hashes.ts'
import { LogStream } from './logs.ts'
import { MailStream } from './mail.ts'
import { PictureStream } from './pictures.ts'
import { actionStream, observationStream, rewardStream } from './rows.ts'
import type { Emit, Stream, StreamPort } from './stream.ts'

/** What a run can record beside hashes, inputs and keyframes. */
export const streamChannels = ['observations', 'actions', 'rewards', 'messages', 'states', 'metrics', 'logs', 'frames', 'frameHashes'] as const
export type StreamChannel = (typeof streamChannels)[number]

/** Kinds that a channel has a stream for. */
const kindsWith: Readonly<Partial<Record<StreamChannel, (program: Program) => readonly KindType[]>>> = {
  observations: ({ kinds, stages }) => kinds.filter((kind) => stages.some((stage) => stage.name === 'observe' && stage.kind.name === kind.name)),
  actions: ({ kinds }) => kinds.filter(hasPolicy),
  rewards: ({ kinds }) => kinds.filter(hasPolicy),
  states: ({ kinds, behaviours }) => kinds.filter((_, kind) => machineNames(behaviours[kind]) !== undefined),
  frames: ({ kinds, regions }) => kinds.filter((kind) => hasFrames(regions, kind, 'rgb')),
  frameHashes: ({ kinds, regions }) => kinds.filter((kind) => hasFrames(regions, kind)),
}

const withoutCamera = ['it has no scene with a camera', 'leave the channel out, or switch pictures on: in the arena that is obs=pixels'] as const

/** Why a world may lack a channel. */
const lacking: Readonly<Partial<Record<StreamChannel, readonly [what: string, todo: string]>>> = {
  observations: ['none of its kinds is observed', 'leave the channel out, or give the world an observer'],
  actions: ['none of its kinds has a policy', 'leave the channel out'],
  rewards: ['none of its kinds has a policy', 'leave the channel out'],
  messages: ['its kinds receive no messages', 'leave the channel out'],
  states: ['none of its kinds has a machine', 'leave the channel out'],
  frames: withoutCamera,
  frameHashes: withoutCamera,
}

/** The names as channels, each once. Throws `usage` for a name that is none, and for a channel that the world can't have. */
export function checkedChannels(names: readonly string[], program: Program): StreamChannel[] {
  return [...new Set(names)].map((name) => {
    const channel = streamChannels.find((each) => each === name)
    if (channel === undefined) throw unknownChannel(name)
    const isThere = channel === 'messages' ? program.types.length > 0 : kindsWith[channel]?.(program).length !== 0
    const reason = lacking[channel]
    if (isThere || reason === undefined) return channel
    throw new MetabonkError({ code: 'usage', what: `the world ${program.name} has no ${channel} to record: ${reason[0]}`, where: 'channels', todo: reason[1] })
  })
}

function unknownChannel(name: string): MetabonkError {
  const near = closest(name, streamChannels)
  const all = streamChannels.join(', ')
  return new MetabonkError({ code: 'usage', what: `there is no channel '${name}'`, where: 'channels', todo: near === undefined ? `choose from ${all}` : `did you mean ${near}? The channels are ${all}` })
}

/** The channels that some topics belong to. */
export function channelsOf(topics: readonly string[]): StreamChannel[] {
  return streamChannels.filter((channel) => topics.some((topic) => topic.split('/')[0] === channel))
}

function streamsOf(channel: StreamChannel, world: WorldDefinition, state: SharedState): Stream[] {
  const kinds = kindsWith[channel]?.(state.program) ?? []
  const tables = state.tables.filter((table) => kinds.includes(table.kind))
  switch (channel) {
    case 'observations':
      return tables.map((table) => observationStream(table, state))
    case 'actions':
      return tables.map(actionStream)
    case 'rewards':
      return tables.map(rewardStream)
    case 'messages':
      return [new MailStream(state)]
    case 'states':
      return tables.map((table) => new StatesStream(table, state))
    case 'metrics':
      return [new MetricsStream(world, state)]
    case 'logs':
      return [new LogStream(state)]
    case 'frames':
      return tables.map((table) => new PictureStream(table, state))
    case 'frameHashes':
      return tables.map((table) => new FrameHashStream(table, state))
  }
}

/** The streams of a run: written in the coordinator's thread after every step, from what the step left in memory. They change nothing. */
export class Streams {
  private readonly streams: readonly Stream[]
  private readonly emits: Emit[] = []

  constructor(channels: readonly StreamChannel[], world: WorldDefinition, state: SharedState) {
    // In one order, however they were asked for.
    this.streams = streamChannels.filter((channel) => channels.includes(channel)).flatMap((channel) => streamsOf(channel, world, state))
  }

  /** Declares them; before the first state. */
  declare(port: StreamPort): void {
    for (const { declaration } of this.streams) {
      const id = port.stream(declaration)
      this.emits.push((step, sequence, bytes) => {
        port.message(id, step, sequence, bytes)
      })
    }
  }

  /** An input that is applied before the next state, as it is recorded. */
  input(step: number, sequence: number, bytes: Uint8Array): void {
    const { input } = decodeInput(bytes, step, sequence)
    for (const stream of this.streams) stream.input?.(input)
  }

  /** Writes what there is to say of a state. */
  write(step: number): void {
    for (let i = 0; i < this.streams.length; i++) this.streams[i].take(step, this.emits[i])
  }

  /** Goes by a state that is recorded already. */
  pass(step: number): void {
    for (const stream of this.streams) stream.take(step, undefined)
  }
}
