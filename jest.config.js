// Four projects, by what a test needs: nothing, a time-skipping Temporal, an AWS emulator, the whole sandbox.
// The SDK's versions are pinned; that later ones will need a newer Node is no news in every test file.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// For what the processes of one run share.
process.env.TEST_RUN ??= String(process.pid);
// Tests reach this machine alone, and gRPC for Node would ask a developer's proxy for it.
for (const name of ['https_proxy', 'http_proxy', 'no_proxy'])
  for (const variable of [name, name.toUpperCase()]) delete process.env[variable];

const common = {
  testEnvironment: '<rootDir>/test/runner/one-context.cjs',
  runtime: '<rootDir>/test/runner/shared-packages.cjs',
  runner: '<rootDir>/test/runner/lanes.cjs',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  testPathIgnorePatterns: ['/node_modules/', '/\\.sandbox/'],
  modulePathIgnorePatterns: ['<rootDir>/.sandbox/', '<rootDir>/cdk.out/', '<rootDir>/dist/'],
};
const project = (name, extra = {}) => ({
  ...common,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  ...extra,
});

module.exports = {
  // Of the lane that takes most files; the others have one each (`test/runner/lanes.cjs`).
  maxWorkers: 2,
  randomize: true,
  testTimeout: 120_000,
  testSequencer: '<rootDir>/test/runner/longest-first.cjs',
  projects: [
    project('rules'),
    project('workflows', { globalSetup: '<rootDir>/test/helpers/temporal/bundle-workflows.ts' }),
    project('aws', {
      globalSetup: '<rootDir>/test/helpers/aws/start-emulator.ts',
      globalTeardown: '<rootDir>/test/helpers/aws/stop-emulator.ts',
    }),
    project('e2e', { globalTeardown: '<rootDir>/test/helpers/sandbox/stop-shared-sandboxes.ts' }),
  ],
};
