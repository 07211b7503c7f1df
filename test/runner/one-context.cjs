/**
 * Test files run in the context of their Jest worker and not in one of their own, one after the other. Packages can then be loaded once a worker
 * (`shared-packages.cjs`): in contexts of their own an error of a shared package is no `instanceof Error`. What a file changes in the process
 * and its globals is put back after it; the project's own modules are still loaded for each file.
 */
const vm = require('node:vm');
const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** Jest compiles each module in the context that the environment names; this one is where Jest itself runs. */
const HERE = {};
const { compileFunction } = vm;
vm.compileFunction = (code, parameters, options) =>
  compileFunction(
    code,
    parameters,
    options?.parsingContext === HERE ? { ...options, parsingContext: undefined } : options,
  );

/** Where jest-circus keeps what listens to a file's tests, of all its copies in one context. */
const HANDLERS = Symbol.for('EVENT_HANDLERS');

const descriptors = () =>
  Object.getOwnPropertyNames(globalThis).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);

/** What a test file can change for those after it. @returns puts it back */
function remember() {
  const { exit, exitCode } = process;
  const env = { ...process.env };
  const folder = process.cwd();
  const globals = descriptors();
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    Object.assign(process, { exit, exitCode });
    if (process.cwd() !== folder) process.chdir(folder);
    // What came new stays: packages keep what their copies share there, such as the tokens of CDK.
    for (const [name, before] of globals) {
      const now = Object.getOwnPropertyDescriptor(globalThis, name);
      if (now?.configurable && now.value !== before.value) Object.defineProperty(globalThis, name, before);
    }
  };
}

module.exports = class OneContext {
  constructor({ projectConfig: config }) {
    const global = globalThis;
    this.global = global;
    this.moduleMocker = new ModuleMocker(global);
    const timerConfig = { idToRef: (id) => id, refToId: (timer) => timer };
    this.fakeTimers = new LegacyFakeTimers({ config, global, moduleMocker: this.moduleMocker, timerConfig });
    this.fakeTimersModern = new ModernFakeTimers({ config, global });
    this.putBack = remember();
  }

  async setup() {
    delete globalThis[HANDLERS];
  }

  async teardown() {
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    this.putBack();
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return HERE;
  }
};
