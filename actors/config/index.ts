export { choice, int, isLive, real, text, toggle, unknownKey, type ConfigDeclaration, type ConfigOf, type NumberOptions, type Setting, type SettingOptions } from './declare.ts'
