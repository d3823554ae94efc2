/**
 * MetaBonk: define a world, create and step a simulation, run it on threads, open, replay and verify a recording.
 */
export { kind, type AgentKind, type MachineKind } from './world/kind.ts'
export { defineWorld, type WorldDefinition, type WorldOptions } from './world/define.ts'
export { observe, sequential, system, type Observer } from './world/system.ts'
export { describeMachines } from './world/machines.ts'
export type { Report, ReportView } from './world/report.ts'
export { chance, roll, selfId, send, type KindStates, type MachineDescription, type StateDescription, type TransitionDescription } from './statechart/index.ts'
export { choice, int, real, text, toggle, type ConfigDeclaration, type ConfigOf, type NumberOptions, type Setting, type SettingOptions } from './config/index.ts'
export {
  agentId,
  bool,
  bounded,
  box,
  bytes,
  discrete,
  enumOf,
  Grid,
  f32,
  f64,
  i32,
  limits,
  math,
  message,
  MetabonkError,
  Nearest,
  nobody,
  torus,
  u16,
  u32,
  u8,
  unit,
  vec,
  type AgentId,
  type ErrorCode,
  type Input,
  type ReadColumn,
  type KindType,
  type MessageType,
  type Others,
  type ParallelWorld,
  type Rows,
  type SequentialWorld,
  type StepWorld,
} from '../runtime/index.ts'
export { camera, heightAt, meshes, openFrameReader, visual, type Camera, type Channel, type Frame, type FrameReader, type FrameReaderOptions, type FreeCamera, type Mesh, type Scene, type Scenery, type ShownStep, type Terrain, type Visual } from '../compositor/index.ts'
export { createSimulation, Simulation, type SimulationOptions } from './host/simulation.ts'
export { prepareWorld, type PreparedWorld, type PrepareOptions } from './host/prepare.ts'
export { packageVersions, runWorld, type RunOptions, type RunProgress, type RunResult } from './host/run.ts'
export type { LiveProgram, LiveRun } from './host/live-run.ts'
export type { LiveRing, LiveSlab, LiveStop, LiveVitals } from './host/live-vitals.ts'
export type { ServiceActorState } from './service/index.ts'
export { openRecording, type OpenOptions, type RecordedRun, type WalkOptions } from './host/open-recording.ts'
export type { QueryAnswer, RecordedState } from './travel/moment.ts'
export type { RecordedColumn, RecordedKind, RecordedTable } from './travel/recorded-tables.ts'
export { recordedInputs, recordingInfo, replayRecording, type RecordingInfo, type ReplayOptions } from './host/recorded.ts'
export { bisectRecordings, bisectWorld, diffRecordings, type BisectOptions, type Comparison, type DiffOptions, type Divergence, type SideBySide, type WorldDivergence } from './host/compare.ts'
export type { MailApart, StatesApart } from './travel/compare.ts'
export type { Letter } from './travel/mail.ts'
export type { FrameMessage, JsonMessage, MailMessage, MessageOf, RowsMessage, RunEvent, StreamChannel } from './streams/index.ts'
export { forkRun, prepareFork, runFork, type ForkOptions, type PreparedFork } from './host/fork.ts'
export { resumeRun, type ResumeOptions } from './host/resume.ts'
export { compressRecording, recoverRecording, type RewriteOptions, type Rewritten } from './host/rewrite.ts'
export { collectEvidence, type Evidence, type EvidenceOptions } from './host/evidence.ts'
export { findInRecording, type FindOptions, type Found } from './host/find.ts'
export { verifyRecording, type VerifyOptions, type VerifyResult } from './host/verify.ts'
export { whyRecording, type WhyOptions, type WhyResult } from './host/why.ts'
export { builtinWorlds } from './host/load-world.ts'
export { encodePng } from './host/png.ts'
export { openPictures, type PictureLook, type PictureSize, type PictureView, type RecordedPictures, type RenderedPicture, type ShownPicture } from './host/render-pictures.ts'
export { mayHaveParts, nativeStatus, partsOfRun, type RunPart } from '../runtime/host/index.ts'
