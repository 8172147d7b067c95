'use strict';

/**
 * Which room may import which: design.md's rules as a table. A room may always import itself, and every
 * package that `packages` below doesn't keep from it; of Drover's own code, only what its row names.
 */
const rooms = {
  contracts: [],

  // Every room of lib may also import lib/random.ts, the one seeded generator.
  'lib/random.ts': [],
  'lib/logging': ['contracts'],
  'lib/page': [],
  // Whoever asks the API may take it as it is: it is made from the API's document alone.
  'lib/client': [],
  'lib/storage': ['contracts'],
  'lib/images': ['contracts'],
  'lib/network': ['contracts'],
  'lib/payloads': ['contracts'],
  'lib/search': ['contracts'],
  'lib/google': [],
  'lib/inference': ['contracts'],
  'lib/tensorflow': ['contracts'],
  // It checks a sweep's parameters with the code that will draw them.
  'lib/configuration': ['contracts', 'lib/storage', 'lib/search'],
  'lib/memo': ['contracts', 'lib/storage'],
  'lib/data': ['contracts', 'lib/storage', 'lib/images', 'lib/network', 'lib/page'],
  'lib/tracking': ['contracts', 'lib/storage', 'lib/images', 'lib/network', 'lib/page'],
  'lib/backbones': ['contracts', 'lib/storage', 'lib/network', 'lib/data'],
  'lib/model': ['contracts', 'lib/storage', 'lib/tensorflow', 'lib/inference'],
  'lib/training': [
    'contracts',
    'lib/storage',
    'lib/data',
    'lib/model',
    'lib/backbones',
    'lib/tensorflow',
    'lib/inference',
    'lib/tracking',
    'lib/page',
  ],
  'lib/evaluation': [
    'contracts',
    'lib/storage',
    'lib/images',
    'lib/data',
    'lib/model',
    'lib/inference',
    'lib/tracking',
    'lib/page',
  ],
  'lib/forms': ['contracts', 'lib/storage', 'lib/data', 'lib/model', 'lib/inference', 'lib/evaluation'],
  'lib/registry': ['contracts', 'lib/storage'],
  'lib/promotion': ['contracts', 'lib/storage', 'lib/search', 'lib/evaluation'],
  'lib/webhooks': [
    'contracts',
    'lib/storage',
    'lib/configuration',
    'lib/network',
    'lib/registry',
    'lib/promotion',
  ],
  'lib/deployment': [
    'contracts',
    'lib/storage',
    'lib/google',
    'lib/network',
    'lib/search',
    'lib/evaluation',
    'lib/registry',
  ],
  'lib/gpu-workers': ['contracts', 'lib/storage', 'lib/google'],
  'lib/google-setup': ['contracts', 'lib/google', 'lib/page'],
  // It knows no server of ours: it loads any.
  'lib/load': [],
  'lib/predictions': ['contracts', 'lib/storage', 'lib/images', 'lib/logging', 'lib/data'],
  'lib/feedback': ['contracts', 'lib/storage', 'lib/images', 'lib/data', 'lib/predictions'],
  'lib/upkeep': ['contracts', 'lib/storage', 'lib/data', 'lib/registry', 'lib/promotion'],
  'lib/drift': ['contracts', 'lib/images', 'lib/inference', 'lib/model', 'lib/search', 'lib/evaluation'],
  'lib/monitor': [
    'contracts',
    'lib/storage',
    'lib/images',
    'lib/data',
    'lib/inference',
    'lib/evaluation',
    'lib/predictions',
    'lib/feedback',
    'lib/drift',
    'lib/page',
  ],
  'lib/sweeps': ['contracts', 'lib/storage', 'lib/search', 'lib/tracking', 'lib/page'],

  native: ['contracts'],
  activities: ['contracts', 'lib'],
  // Of lib, workflows take the rules of early stopping, which import types alone; see below.
  workflows: ['contracts', 'lib/search/stopping'],
  workers: ['contracts', 'workflows', 'activities', 'lib', 'native'],
  api: ['contracts', 'lib', 'native'],
  cli: ['contracts', 'lib', 'native'],
};

/** Packages that only some files may import; everything else may be imported anywhere but in `workflows`. */
const packages = [
  { name: 'tensorflow', package: '@tensorflow/', only: '^(lib/tensorflow|tests)/' },
  { name: 'temporal', package: '@temporalio/', only: '^(workflows|activities|workers|cli|tests|bench)/' },
  { name: 'temporal-client', package: '@temporalio/(client|envconfig)', only: '^(workers|cli|tests|bench)/' },
  { name: 'temporal-worker', package: '@temporalio/worker', only: '^(workers|activities|tests|bench)/' },
  { name: 'bucket', package: '@google-cloud/storage', only: '^(lib/storage|tests)/' },
  { name: 'cloud-run', package: '@google-cloud/run', only: '^(lib/deployment|tests)/' },
  { name: 'sharp', package: 'sharp', only: '^(lib/(images|data)|tests|bench)/' },
  { name: 'opentelemetry', package: '@opentelemetry/', only: '^(api|tests)/' },
  { name: 'onnx', package: 'onnxruntime-', only: '^(lib/inference|tests)/' },
];

const everyRoom = '^(contracts|lib|native|activities|workflows|workers|api|cli|tests|bench|bin)/';
const within = (room) => `^${room.replaceAll('.', '\\.')}${room.endsWith('.ts') ? '$' : '/'}`;

/** The one file of the command line that starts the long-lived processes, each only where it is asked for. */
const processes = 'cli/processes-entry.ts';

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment:
    allowed.length > 0 ? `${room} imports only ${allowed.join(', ')}.` : `${room} imports nothing of ours.`,
  severity: 'error',
  from: { path: within(room), ...(room === 'cli' && { pathNot: within(processes) }) },
  to: {
    path: everyRoom,
    pathNot: [
      within(room),
      ...allowed.map(within),
      ...(room.startsWith('lib/') ? [within('lib/random.ts')] : []),
      // Workflows take their activities' types, and those of the schemas, by `import type`; see below.
      ...(room === 'workflows' ? [within('activities')] : []),
    ],
  },
}));

const packageRules = packages.map(({ name, package: wanted, only }) => ({
  name: `${name}-kept-to-its-rooms`,
  severity: 'error',
  from: { path: everyRoom, pathNot: only },
  to: { path: `(^|/)node_modules/${wanted}` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...packageRules,
    {
      name: 'lib-room-known',
      comment: 'A room of lib that has no row in the table above; design.md says what it may import.',
      severity: 'error',
      from: {
        path: '^lib/',
        pathNot: Object.keys(rooms)
          .filter((room) => room.startsWith('lib/'))
          .map(within),
      },
      to: { path: everyRoom },
    },
    {
      name: 'workflows-types-only',
      comment: 'The code of activities and of the schemas must not come into the workflow bundle.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(activities|contracts/schemas)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contracts-light',
      comment: 'Workflows import the contracts beside schemas/, so these bring in neither schemas nor zod.',
      severity: 'error',
      from: { path: '^contracts/[^/]+$' },
      to: { path: '^contracts/schemas/|node_modules/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'stopping-light',
      comment: 'Workflows import lib/search/stopping, so it brings in nothing but itself and types.',
      severity: 'error',
      from: { path: '^lib/search/stopping/' },
      to: {
        path: `${everyRoom}|node_modules/`,
        pathNot: '^lib/search/stopping/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-machine-in-workflows',
      severity: 'error',
      from: { path: ['^workflows/', '^contracts/[^/]+$', '^lib/search/stopping/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'workflow-packages',
      comment:
        'A workflow imports @temporalio/workflow, @temporalio/common and, for near words, fastest-levenshtein.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/(@temporalio/(workflow|common)|fastest-levenshtein)/',
      },
    },
    {
      name: 'train-without-temporal',
      comment: "`drover train --local` runs where Temporal's packages are not, as in the trainer's image.",
      severity: 'error',
      from: { path: '^cli/commands/train\\.ts$' },
      to: { path: 'node_modules/@temporalio/', reachable: true },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that imports nothing.',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^tests/jest/', '^bin/', '^bench/', '^api/page/'] },
      to: {},
    },
    {
      name: 'production-not-on-dev',
      comment: 'What runs in production stands in "dependencies".',
      severity: 'error',
      from: { path: everyRoom, pathNot: '^(tests|bench)/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        // Types alone, whatever imports them.
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { pathNot: '^bin/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
