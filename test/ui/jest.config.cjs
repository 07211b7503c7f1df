/** `npm run test:ui`: what people see in a browser, against the whole sandbox. Apart from `npm test`, because it takes a browser and minutes. */
const { resolve } = require('node:path');
const { projects, ...common } = require('../../jest.config.js');

const rootDir = resolve(__dirname, '../..');
const [first] = projects;

module.exports = {
  ...common,
  rootDir,
  projects: [{ ...first, rootDir, displayName: 'ui', testMatch: ['<rootDir>/test/ui/**/*.test.ts'] }],
};
