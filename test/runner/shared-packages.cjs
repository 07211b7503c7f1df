/**
 * Loads packages as Node does, once for all test files of a Jest worker. Jest loads them for each file, which took a third of the CPU of a run:
 * the SDKs of Temporal and AWS are some thousand modules. A test that mocks a package by `jest.mock` would not be heard; none does.
 */
// Some packages load a file of the project by its path: Temporal's worker the failure converter.
require('../../register.cjs');
const { createRequire, isBuiltin } = require('node:module');
const { default: Runtime } = require('jest-runtime');

/** Not a path; `@jest/globals` belongs to the file. */
const isPackage = (name) => /^[@a-z]/.test(name) && name !== '@jest/globals' && !isBuiltin(name);

module.exports = class SharedPackages extends Runtime {
  requireModuleOrMock(from, name) {
    return isPackage(name) ? createRequire(from)(name) : super.requireModuleOrMock(from, name);
  }
};
