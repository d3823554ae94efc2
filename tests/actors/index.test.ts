import { expect, it } from 'vitest'
import * as metabonk from '../../actors/index.ts'

it('the package exports what its documentation names, and nothing else', () => {
  expect(Object.keys(metabonk).sort()).toEqual([
    'Grid', 'MetabonkError', 'Simulation', 'agentId', 'bisectRecordings', 'bisectWorld', 'bool', 'bounded', 'box', 'builtinWorlds', 'bytes', 'chance', 'choice', 'createSimulation', 'defineWorld',
    'describeMachines', 'diffRecordings', 'discrete', 'enumOf', 'f32', 'f64', 'findInRecording', 'i32', 'int', 'kind', 'limits', 'math', 'message', 'nativeStatus', 'nobody', 'observe',
    'openRecording', 'packageVersions', 'prepareWorld', 'real', 'recordingInfo', 'replayRecording', 'roll', 'runWorld', 'selfId', 'send', 'sequential', 'sprite', 'system', 'text', 'toggle', 'torus',
    'u16', 'u32', 'u8', 'vec', 'verifyRecording', 'whyRecording',
  ])
})
