/** Jest's global tear-down of the project `aws`. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';

// Jest takes the function itself from the module.
module.exports = async function stopEmulator(): Promise<void> {
  const emulator = globalThis.awsEmulator;
  if (emulator === undefined) return;
  if (emulator.process.exitCode === null) {
    const ended = once(emulator.process, 'exit');
    emulator.process.kill('SIGTERM');
    await ended;
  }
  rmSync(emulator.directory, { recursive: true, force: true });
};
