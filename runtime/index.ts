export { assert, AssertionError, MetabonkError, type ErrorCode, type ErrorParts } from './errors.ts'
export { exactJson } from './exact-json.ts'
export { contractVersion, limits } from './limits.ts'
export { hashJobWords, type DenseBatch, type DenseLayer, type DrawJob, type DrawViews, type GridShape, type Kernels, type RunDense } from './kernels.ts'
export { twinKernels } from './kernels-twin.ts'
export * as math from './math/index.ts'
export { hashText } from './hash/text.ts'
export { hashHex } from './hash/hex.ts'
export { Rng, createRng } from './rng/rng.ts'
export { StreamNames, streamId } from './rng/streams.ts'
export { Grid } from './grid/grid.ts'
export { Nearest } from './grid/nearest.ts'
export { LiveIndex } from './grid/live-index.ts'
export {
  agentId,
  bool,
  bytes,
  describe,
  enumOf,
  f32,
  f64,
  i32,
  loadValue,
  nobody,
  storeValue,
  u16,
  u32,
  u8,
  valueFault,
  unit,
  vec,
  zeroValue,
  type AgentId,
  type ColumnArray,
  type ColumnType,
  type Fields,
  type GivenOf,
  type PayloadFields,
  type ValueOf,
} from './schema/types.ts'
export { message, type EventOf, type MessageType } from './schema/message.ts'
export { memoryOf, type RecordMemory } from './schema/memory.ts'
export type { RecordCodec } from './schema/codec.ts'
export type { Cursor } from './schema/cursor.ts'
export { checkOptions, closest } from './schema/options.ts'
export { kindType, type ColumnPlan, type ContextOf, type EventsOf, type FieldsOf, type KindOptions, type KindType, type PolicySpec } from './schema/kind.ts'
export { bounded, box, discrete, torus, type Space, type WorldSpace } from './schema/spaces.ts'
export { elementArray, elementBytes } from './slab/element.ts'
export { attachSlab, createSlab, findRegion, regionArray, type Region, type RegionPlan, type Slab, type SlabMemory } from './slab/slab.ts'
export { addressOf, addressOfId, generationOfId, idOf, kindOfAddress, rowOfAddress } from './state/address.ts'
export { hiddenWords, KindTable, loadRow, type Column } from './state/table.ts'
export { readKeyframe, writeKeyframe } from './state/keyframe.ts'
export { frameWords } from './ring/bulk.ts'
export { mailHeaderWords, mailWord } from './mail/layout.ts'
export { Inbox } from './mail/inbox.ts'
export { sendMail, type SendingPort } from './mail/sending.ts'
export { emitEvent, outputFields, sendEvent, type MachineEvent } from './statechart/actions.ts'
export { StatechartExecutor, type MachineScene } from './statechart/executor.ts'
export type { ActionPart, ConfigurationFacts, Guard, MachineArgs, Microstep, Statechart, Trace, TraceQuery, UserFunction } from './statechart/statechart.ts'
export type {
  Behaviour,
  BehaviourPort,
  BoundBehaviour,
  ConfigValues,
  InitWorld,
  LiveRows,
  Others,
  ParallelSystem,
  ParallelWorld,
  Program,
  ReadColumn,
  Rows,
  SequentialSystem,
  SequentialWorld,
  SomeValues,
  Stage,
  StagePort,
  StateReader,
  StepWorld,
  System,
} from './lockstep/program.ts'
export { stageWorld } from './lockstep/context.ts'
export { Control } from './lockstep/control.ts'
export { Abandoned, type WaitPolicy } from './lockstep/barrier.ts'
export { Coordinator, runWorker, type CoordinatorOptions, type Journal, type RunEvents } from './lockstep/coordinator.ts'
export { BlockChecker, type Checker } from './lockstep/check.ts'
export type { Lane } from './lockstep/lane.ts'
export { attachShared, controlShape, createSharedMemory, layoutHash, worldColumns, type SharedMemory, type SharedState } from './lockstep/shared.ts'
export { GatheredMail } from './lockstep/gathered-mail.ts'
export { Mirror } from './lockstep/mirror.ts'
export { phaseNames } from './lockstep/stages.ts'
export { guardedGlobals, lockRealm } from './realm/lock.ts'
export { createFeed, feedCountersOf, FeedProducer, isFeedTaken, stopFeed, type FeedCounters } from './recording/feed.ts'
export { type FsyncPolicy } from './recording/feed-layout.ts'
export { copyHistory } from './recording/history.ts'
export { recordingChannels, recordingEncoding, stepNanosOf, type PartBefore, type RecordingEnd, type RecordingManifest, type StreamDeclaration } from './recording/manifest.ts'
export { McapWriter, type ByteSink } from './recording/mcap-writer.ts'
export { RecordingWriter } from './recording/recording-writer.ts'
export { rewriteRecording } from './recording/rewrite.ts'
export { openRecording, type RecordedMessage, type RecordedTopic, type Recording } from './recording/recording.ts'
export { parseAssignment, parseQuery, parseTarget, type Assignment, type BoundQuery, type MachineNames, type Query, type QueryScope, type QuerySource, type QueryType, type Target } from './query/index.ts'
export { checkTimedInput, compareInputs, decodeInput, type Input, type TimedInput } from './lockstep/inputs.ts'
export { findRing, readCounters, ringRegion, type RingCounters, type RingFormat, type RingMemory, type SchemaHash } from './ring/ring.ts'
export { BlockReceiver, BlockSender, blockRegions, type BlocksFormat } from './ring/blocks.ts'
export { FrameConsumer, FrameProducer, payloadMax } from './ring/frames.ts'
export { ManyRing } from './ring/many.ts'
export { MessageConsumer, messageRegion, MessageProducer, type WhenFull } from './ring/messages.ts'
export { RecordConsumer, RecordProducer } from './ring/records.ts'
export { markDead, type Role, type SideOptions } from './ring/side.ts'
export { threadParker, threadPort, type Parker, type RingPort, type Waiting } from './ring/wait.ts'
