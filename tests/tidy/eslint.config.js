import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { coreGlobals, coreProperties, coreSyntax, exactSyntax, namedExports, syntax, testSyntax } from './lint-rules.js'

const typescript = ['**/*.ts']
const core = ['runtime/**/*.ts', 'actors/**/*.ts', 'compositor/**/*.ts', 'brain/**/*.ts']
const host = ['runtime/host/**', 'actors/host/**']
const worlds = ['actors/worlds/**/*.ts']
const kernels = ['runtime/grid/**/*.ts', 'runtime/hash/**/*.ts', 'runtime/kernels*.ts', 'native/**/*.ts']

export default defineConfig(
  globalIgnores(['dist/', 'native/build/', 'runs/', 'out/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { tsconfigRootDir: import.meta.dirname, project: '../tsconfig.json' } },
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'max-depth': ['error', 4],
      complexity: ['error', 12],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...syntax, ...namedExports],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A key of an index signature reads better in brackets: it is data, not a member.
      '@typescript-eslint/dot-notation': 'off',
      // A kind without columns or messages is `{}` on purpose.
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      // Its cure is the `!` that no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Hot loops keep the index: it addresses other arrays too, and for-of allocates an iterator.
      '@typescript-eslint/prefer-for-of': 'off',
    },
  },
  { files: kernels, rules: { 'max-params': ['error', 6] } },
  {
    files: core,
    ignores: host,
    rules: {
      'no-restricted-globals': ['error', ...coreGlobals],
      'no-restricted-properties': ['error', ...coreProperties],
      'no-restricted-syntax': ['error', ...syntax, ...namedExports, ...coreSyntax],
    },
  },
  { files: worlds, rules: { 'no-restricted-syntax': ['error', ...syntax, ...coreSyntax] } },
  { files: ['**/*.worker.ts'], rules: { 'no-restricted-syntax': ['error', ...syntax] } },
  {
    files: ['tests/**/*.ts'],
    rules: {
      // A describe block is a list of tests, not a function; tidy.test.ts measures the tests in it.
      'max-lines-per-function': 'off',
      'no-restricted-syntax': ['error', ...syntax, ...testSyntax],
    },
  },
  { files: ['tests/determinism/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...syntax, ...testSyntax, ...exactSyntax] } },
)
