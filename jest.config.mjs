import os from 'node:os'

/**
 * Three projects: `unit` never leaves the process, `e2e` runs the bundle on real Terraform and the emulator, and
 * `nightly` has those end-to-end tests that take minutes; `npm test` leaves it out.
 */
const common = {
  transform: { '\\.[cm]?[jt]s$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
  // Packages that are ES modules only.
  transformIgnorePatterns: [
    '/node_modules/(?!(@actions|@octokit|universal-user-agent|before-after-hook|undici|content-type|json-with-bigint)/)',
  ],
  resolver: '<rootDir>/test/support/jest-resolver.cjs',
  testEnvironment: 'node',
}
const endToEnd = { ...common, globalSetup: '<rootDir>/test/support/prepare.ts' }

export default {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
      setupFilesAfterEnv: ['<rootDir>/test/support/no-network.ts'],
    },
    { ...endToEnd, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/*.test.ts'] },
    { ...endToEnd, displayName: 'nightly', testMatch: ['<rootDir>/test/e2e/nightly/*.test.ts'] },
  ],
  testTimeout: 300_000,
  // Jest leaves one core free, of two as well; but a test mostly waits, for Terraform and for the emulator.
  maxWorkers: Math.max(2, os.availableParallelism() - 1),
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  reporters: ['default', '<rootDir>/test/support/progress-reporter.mjs'],
}
