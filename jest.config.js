// ONNX Runtime reports its use to its makers unless told not to; the tests' processes inherit this.
process.env.ORT_DISABLE_TELEMETRY = '1';

// The slow tests wait for servers and children, not for a processor: two run at a time even on two cores.
const cores = require('node:os').availableParallelism();

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/tests/jest/environment.js',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // A checkout inside another project's working folder must not be picked up twice.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.drover/', '<rootDir>/site/'],
  collectCoverageFrom: ['{contracts,lib,activities,workflows,workers,api,cli,native}/**/*.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 85 } },
  maxWorkers: Math.max(2, cores - 1),
  testTimeout: 30_000,
};
