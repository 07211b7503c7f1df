import { median } from '../summary';

const WARM_UP_PASSES = 20;
const PASSES = 5;

/**
 * The bytes that one call of `ask` allocates once the engine has optimized it: the median of some passes over the inputs. A
 * pass must fit between two garbage collections: a young generation of 64 MB takes 4,096 calls of 16 KB.
 */
export function bytesPerCall(inputs: readonly string[], ask: (input: string) => unknown): number {
  const pass = (): void => {
    // Not for … of: until it is optimized, it allocates garbage itself.
    for (let index = 0; index < inputs.length; index += 1) ask(inputs[index]!);
  };
  for (let count = 0; count < WARM_UP_PASSES; count += 1) pass();
  const measured = Array.from({ length: PASSES }, () => growth(pass) - growth(() => undefined));
  return Math.max(0, median(measured)) / inputs.length;
}

function growth(run: () => void): number {
  if (!globalThis.gc) throw new Error('measuring memory needs node --expose-gc: use npm run bench');
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  run();
  return process.memoryUsage().heapUsed - before;
}
