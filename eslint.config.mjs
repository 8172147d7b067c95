import { builtinModules } from 'node:module';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The files in which a process begins; only these read the environment. */
const entryPoints = [
  'cli/main.ts',
  'workers/main.ts',
  'api/main.ts',
  'native/{setup,temporal}.ts',
  'bin/**',
  'tests/**',
  'bench/**',
];

const tensorflow = {
  regex: '^@tensorflow/',
  message: 'Only lib/tensorflow imports TensorFlow, so that no other process loads it by accident.',
};
const temporal = {
  regex: '^@temporalio/',
  message: 'No Temporal in lib/ and api/: what they need of it is passed in.',
};
const environment = {
  regex: '^(node:)?process$',
  importNames: ['env'],
  message: 'Only entry points read the environment; take the settings as a parameter.',
};

/**
 * The import rules that need more than a path; those between rooms are in .dependency-cruiser.cjs.
 * A later block replaces an earlier one's list, so each room names its whole list.
 */
const restrictedImports = (...patterns) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
});

const browserGlobals = Object.fromEntries(
  [
    ...['addEventListener', 'document', 'navigator', 'sessionStorage', 'setTimeout', 'clearTimeout'],
    ...['performance', 'fetch', 'AbortController', 'FormData', 'Headers', 'URL', 'File', 'Option'],
    'createImageBitmap',
  ].map((name) => [name, 'readonly']),
);

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.drover/', 'node_modules/', 'site/', 'lib/client/schema.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only entry points read the environment; take the settings as a parameter.',
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Export by name: a name is what a reader searches for.',
        },
        { selector: "ExportSpecifier[exported.name='default']", message: 'Export by name.' },
      ],
      ...restrictedImports(tensorflow, environment),

      // A type that is imported as a type vanishes from the build; workflows depend on that.
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // TypeScript's classes are structural; where one must not be, it has a private member.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Published coefficients stand as they were published, all digits of them.
      'no-loss-of-precision': 'off',
      // `async` without `await` is how a function that throws comes to reject instead.
      '@typescript-eslint/require-await': 'off',
    },
  },

  { files: ['lib/**/*.ts', 'api/**/*.ts'], rules: restrictedImports(tensorflow, temporal, environment) },
  { files: ['lib/tensorflow/**/*.ts'], rules: restrictedImports(temporal, environment) },
  {
    // The SDK takes a default export here for every type of workflow that it doesn't know.
    files: ['workflows/index.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // Workflow code is replayed: it may hold nothing that asks the machine, and nothing heavy.
    files: ['workflows/**/*.ts'],
    rules: restrictedImports(
      tensorflow,
      {
        regex: `^(node:.*|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(/.*)?)$`,
        message: 'A workflow has no access to the machine; do it in an activity.',
      },
      { regex: '^zod', message: 'Workflow code stays light: activities validate.' },
      {
        regex: '^(\\.\\./)+lib(?!/search/stopping/)(/|$)',
        message: 'The work is done in activities; a workflow decides its order, and when a trial stops.',
      },
      {
        regex: '^(\\.\\./)+(activities|contracts/schemas)(/|$)',
        allowTypeImports: true,
        message: 'Only `import type` here: its code must not come into the workflow bundle.',
      },
      {
        regex: '^@temporalio/(?!workflow$|common$)',
        message: 'Workflows know @temporalio/workflow and @temporalio/common alone.',
      },
    ),
  },
  { files: entryPoints, rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['cli/**', 'native/{setup,temporal}.ts', 'bin/**', 'tests/**', 'bench/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      'max-lines': 'off',
      // A test looks into answers that have no type (an HTTP body), and fails by itself where they differ.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { process: 'readonly', console: 'readonly', __dirname: 'readonly' },
    },
  },
  {
    // The page's scripts run in a browser, as one: `exported` and `global` at their heads say which names they share.
    files: ['api/page/*.js'],
    languageOptions: { sourceType: 'script', globals: browserGlobals },
    rules: { 'max-lines': ['error', { max: 400 }], eqeqeq: 'error' },
  },
);
