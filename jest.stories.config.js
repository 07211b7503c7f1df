// The long proof: random stories through the real workflow. By hand, `npm run test:stories`, as it takes minutes.
const { projects, ...common } = require('./jest.config.js');

const workflows = projects.find(({ displayName }) => displayName === 'workflows');
module.exports = {
  ...common,
  projects: [{ ...workflows, displayName: 'stories', testMatch: ['<rootDir>/test/workflows/**/*.long.ts'] }],
};
