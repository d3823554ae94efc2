// The bans of eslint.config.js as data, so that tidy.test.ts can show each of them a bad sample without a type-checked program.

const fromMath = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'pow', 'cbrt', 'hypot']

const clock = 'there is no time but the step; use world.step, or do it in a host folder'
const order = 'asynchronous order never reaches a simulation; send a message or use a timer of the machine'
const nodeOnly = 'the core imports nothing of Node; pass it in through a port from a host folder'

const globals = {
  Date: clock,
  performance: clock,
  setTimeout: order,
  setInterval: order,
  setImmediate: order,
  queueMicrotask: order,
  requestAnimationFrame: order,
  Intl: 'results differ with locale and engine; format by hand',
  crypto: 'use rng(stream, agent) of runtime/rng, or the state hash of runtime/hash',
  process: nodeOnly,
  Buffer: 'the core imports nothing of Node; use Uint8Array and DataView',
  global: nodeOnly,
  require: nodeOnly,
  __dirname: nodeOnly,
  __filename: nodeOnly,
  navigator: nodeOnly,
  fetch: nodeOnly,
  console: 'the core prints nothing; log through a port or throw a MetabonkError',
  WeakRef: 'when garbage is collected is not a function of (step, seed)',
  FinalizationRegistry: 'when garbage is collected is not a function of (step, seed)',
}

/** For `no-restricted-globals` in the core. */
export const coreGlobals = Object.entries(globals).map(([name, message]) => ({ name, message }))

/** For `no-restricted-properties` in the core. */
export const coreProperties = [
  ...fromMath.map((property) => ({ object: 'Math', property, message: `its bits differ between engines; use ${property} of runtime/math` })),
  { object: 'Math', property: 'random', message: 'use rng(stream, agent) of runtime/rng' },
  { object: 'Atomics', property: 'waitAsync', message: order },
  ...Object.entries(globals).map(([property, message]) => ({ object: 'globalThis', property, message })),
  { property: 'localeCompare', message: 'results differ with the locale; compare strings with < and >' },
]

const grabBag = /(Manager|Service|Helper|Util|Wrapper|Impl)s?$/.source

/** For `no-restricted-syntax`, everywhere. */
export const syntax = [
  { selector: 'TSEnumDeclaration', message: 'use a union of strings, or a constant object and its keys' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'a file is the namespace; export by name' },
  {
    selector: `:matches(ClassDeclaration, ClassExpression, TSInterfaceDeclaration, TSTypeAliasDeclaration, FunctionDeclaration)[id.name=/${grabBag}/]`,
    message: 'the name says nothing; name what it holds or does in the terms of the field',
  },
]

/** For `no-restricted-syntax`, where no tool asks for a default export. */
export const namedExports = [
  { selector: 'ExportDefaultDeclaration', message: 'export by name; only worlds, worker entries and tool configurations export a default' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'export by name; only worlds, worker entries and tool configurations export a default' },
]

const topLevel = ':matches(Program, ExportNamedDeclaration) > VariableDeclaration'

/** For `no-restricted-syntax` in the core. */
export const coreSyntax = [
  { selector: 'BinaryExpression[operator="**"]', message: 'its bits differ between engines; multiply, or use pow of runtime/math' },
  { selector: 'AssignmentExpression[operator="**="]', message: 'its bits differ between engines; multiply, or use pow of runtime/math' },
  { selector: 'MemberExpression[property.name=/^toLocale/]', message: 'results differ with the locale; use the method without Locale' },
  { selector: `${topLevel}[kind="let"]`, message: 'no mutable state in a module; put it in an object that a simulation owns' },
  {
    selector: `${topLevel} > VariableDeclarator > NewExpression[arguments.length=0][callee.name=/^(Weak)?(Map|Set)$/]`,
    message: 'no mutable state in a module; put it in an object that a simulation owns',
  },
]

const literal = ':matches(Literal, TemplateLiteral[expressions.length=0], UnaryExpression[argument.type="Literal"]).arguments:first-child'

/** For `no-restricted-syntax` in tests. */
export const testSyntax = [
  { selector: `CallExpression[callee.name="expect"] > ${literal}`, message: 'a test of a literal cannot fail; expect what the code under test returned' },
  { selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name="only"]', message: 'the other tests would not run' },
]

/** For `no-restricted-syntax` in tests of determinism. */
export const exactSyntax = [{ selector: 'MemberExpression[property.name="toBeCloseTo"]', message: 'the same bits or a failure; use toBe or toEqual' }]
