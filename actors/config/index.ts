export { choice, closest, int, isLive, real, text, toggle, type ConfigDeclaration, type ConfigOf, type NumberOptions, type Setting, type SettingOptions } from './declare.ts'
export { resolveConfig } from './resolve.ts'
