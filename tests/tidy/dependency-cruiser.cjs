// Layers, front doors and owners of dependencies: what may import what. tidy.test.ts breaks each rule once.

/** What a folder may import besides itself. */
const below = {
  native: [],
  runtime: ['native'],
  compositor: ['native', 'runtime'],
  brain: ['native', 'runtime'],
  actors: ['native', 'runtime', 'compositor', 'brain'],
  shell: ['native', 'runtime', 'compositor', 'brain', 'actors'],
}

/** Which files may import which packages; a package that is not named here has no owner. */
const owned = [
  { who: '^native/', packages: ['node-addon-api'] },
  { who: '^runtime/host/', packages: ['piscina', 'msgpackr', '@foxglove/wasm-zstd'] },
  { who: '^actors/host/', packages: ['xstate', 'esbuild', 'zod', 'yaml'] },
  { who: '^actors/lint/', packages: ['eslint'] },
  { who: '^actors/', packages: ['xstate', 'zod', 'yaml'] },
  { who: '^shell/', packages: ['commander', 'pino', 'hyparquet-writer', 'fflate'] },
  { who: '^shell/tui/screen/', packages: ['blessed'] },
  { who: '^bench/', packages: ['tinybench'] },
]

const folders = Object.keys(below)
const anyOf = (names) => `^(${names.join('|')})/`
const packageFiles = (names) => `(^|/)node_modules/(${names.join('|')})(/|$)`
const folderOf = (file) => `^${file}/`

const host = ['^runtime/host/', '^actors/host/']
const mayUseNode = [...host, '^native/', '^shell/', '^bench/']
/** `import ... from 'metabonk'`, before and after a build. */
const self = ['^metabonk$', '^dist/actors/index\\.']
const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown']

const layers = folders.map((folder) => ({
  name: `layers-${folder}`,
  comment: `${folder} may import ${below[folder].join(', ') || 'no other folder'}; hand it what lies above as a factory or an entry URL`,
  severity: 'error',
  from: { path: folderOf(folder) },
  to: { path: anyOf([...folders, 'bench', 'tests']), pathNot: anyOf([folder, ...below[folder]]) },
}))

const owners = [...new Set(owned.flatMap(({ packages }) => packages))].map((name) => ({
  name: `owner-${name}`,
  comment: `${name} is used by its owner only; ask the owner's front door`,
  severity: 'error',
  from: { path: anyOf(folders), pathNot: owned.filter(({ packages }) => packages.includes(name)).map(({ who }) => who) },
  to: { path: packageFiles([name]) },
}))

module.exports = {
  forbidden: [
    ...layers,
    ...owners,
    {
      name: 'front-door',
      comment: 'from outside a folder only its index.ts is imported, or that of its host folder; export what you need from there',
      severity: 'error',
      from: { path: '^([^/]+)/', pathNot: anyOf(['bench', 'tests']) },
      to: { path: anyOf(folders), pathNot: ['^$1/', '^[^/]+/(host/)?index\\.ts$'] },
    },
    { name: 'no-cycles', comment: 'move what both need into a third file', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-owner',
      comment: 'a package needs an owner: name it in dependency-cruiser.cjs',
      severity: 'error',
      from: { path: anyOf(folders) },
      to: { dependencyTypes: npm, pathNot: packageFiles([...owned.flatMap(({ packages }) => packages), '@types']) },
    },
    {
      name: 'not-declared',
      comment: 'name the package in package.json, with its exact version',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'dev-dependency',
      comment: 'the published package does not bring devDependencies along',
      severity: 'error',
      from: { path: anyOf(folders) },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'node-in-core',
      comment: 'the core imports nothing of Node; put it in a host folder behind a port',
      severity: 'error',
      from: { path: anyOf(folders), pathNot: mayUseNode },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'host-in-core',
      comment: 'only host modules and the door of the package may import a host module; the others get a port',
      severity: 'error',
      from: { path: anyOf(folders), pathNot: [...mayUseNode, '^actors/index\\.ts$'] },
      to: { path: host },
    },
    {
      name: 'world-imports',
      comment: 'a world of ours is written like a user’s: it imports metabonk, xstate, zod and its own files',
      severity: 'error',
      from: { path: '^actors/worlds/' },
      to: { path: '.', pathNot: [...self, '^actors/index\\.ts$', '^actors/worlds/', packageFiles(['xstate', 'zod'])] },
    },
    {
      name: 'self-import',
      comment: 'only worlds and benchmarks see the package from outside; import the file',
      severity: 'error',
      from: { pathNot: anyOf(['actors/worlds', 'bench', 'tests']) },
      to: { path: self },
    },
    {
      name: 'not-found',
      comment: 'the import leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: self },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json', '.d.ts'], exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
}
