export { cameraPixels, frameOf, frameRegions, Frames, hasFrames, type Frame } from './frames.ts'
export { isBlack } from './luma.ts'
export { renderStage } from './render.ts'
export { sprite, type Camera, type Ground, type Scene, type Sprite } from './scene.ts'
