export { nativeStatus } from '../../native/index.ts'
export { FaultBoard } from './faults.ts'
export { zstdCompression } from './compression.ts'
export { hostCrc32, openCopySink, openFileSink, openFileSource } from './files.ts'
export { hostKernels } from './kernels.ts'
export { makeFolder } from './make-folder.ts'
export { compiledModule, ownModule, packageRoot } from './package-files.ts'
export { coreCount, createPool, type ThreadPool } from './pool.ts'
export { hostReadPorts } from './read-ports.ts'
export { mayHaveParts, partAfter, partsOfRun, type Rotation, type RunPart } from './parts.ts'
export { type RecorderReport, type RecorderTask } from './recorder.ts'
export { ed25519Sign, sha256 } from './seal.ts'
export {
  attachDescriptor,
  attachSharedSlab,
  createSharedSlab,
  futexParker,
  openSocketPair,
  receiveSlab,
  removeDeadSlabs,
  sendSlab,
  watchProcess,
  type SharedSlab,
} from './shared-memory.ts'
export { listSharedSlabs, type SharedSlabInfo } from './slab-owners.ts'
export { processPort } from './ring-ports.ts'
