export { cameraPixels, frameOf, frameRegions, type Frame } from './frames.ts'
export { renderStage } from './render.ts'
export { sprite, type Camera, type Ground, type Scene, type Sprite } from './scene.ts'
