/** `npm run test:cluster`: against a Temporal cluster on PostgreSQL. Apart from `npm test`, because it takes Go, PostgreSQL and minutes. */
const { resolve } = require('node:path');
const { projects, ...common } = require('../../jest.config.js');

const rootDir = resolve(__dirname, '../..');
const [first] = projects;

module.exports = {
  ...common,
  // Each file has a cluster and a sandbox of its own.
  maxWorkers: 1,
  rootDir,
  projects: [{ ...first, rootDir, displayName: 'cluster', testMatch: ['<rootDir>/test/cluster/**/*.test.ts'] }],
};
