/** Two projects: `unit` never leaves the process, `e2e` runs the bundle on real Terraform and the emulator. */
const common = {
  transform: { '\\.[cm]?[jt]s$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
  // Packages that are ES modules only.
  transformIgnorePatterns: [
    '/node_modules/(?!(@actions|@octokit|universal-user-agent|before-after-hook|undici|content-type|json-with-bigint)/)',
  ],
  resolver: '<rootDir>/test/support/jest-resolver.cjs',
  testEnvironment: 'node',
}

export default {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
      setupFilesAfterEnv: ['<rootDir>/test/support/no-network.ts'],
    },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
  ],
  testTimeout: 300_000,
}
