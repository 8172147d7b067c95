// ONNX Runtime reports its use to its makers unless told not to; the tests' processes inherit this.
process.env.ORT_DISABLE_TELEMETRY = '1';

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
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.drover/'],
  collectCoverageFrom: ['{contracts,lib,activities,workflows,workers,api,cli,native}/**/*.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 85 } },
  testTimeout: 30_000,
};
