import { expect, it } from 'vitest'
import * as metabonk from '../../actors/index.ts'

it('the package exports what its documentation names, and nothing else', () => {
  expect(Object.keys(metabonk).sort()).toEqual([
    'Grid', 'MetabonkError', 'Nearest', 'Simulation', 'agentId', 'bisectRecordings', 'bisectWorld', 'bool', 'bounded', 'box', 'builtinWorlds', 'bytes', 'camera', 'chance', 'choice', 'collectEvidence', 'compressRecording',
    'createSimulation', 'defineWorld', 'describeMachines', 'diffRecordings', 'discrete', 'encodePng', 'enumOf', 'f32', 'f64', 'findInRecording', 'forkRun', 'heightAt', 'i32', 'int', 'kind', 'limits', 'math', 'mayHaveParts', 'meshes', 'message',
    'nativeStatus', 'nobody', 'observe', 'openFrameReader', 'openPictures', 'openRecording', 'packageVersions', 'partsOfRun', 'prepareFork', 'prepareWorld', 'real', 'recordedInputs', 'recordingInfo', 'recoverRecording', 'replayRecording', 'resumeRun', 'roll',
    'runFork', 'runWorld', 'selfId', 'send', 'sequential', 'system', 'text', 'toggle', 'torus', 'u16', 'u32', 'u8', 'unit', 'vec', 'verifyRecording', 'visual', 'whyRecording',
  ])
})
