/** A process with a reader of the file in its argument: answers every line of its input with the flags in use. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createFlagReader } from '../../../flags';

const reader = createFlagReader({
  fetch: () => readFile(process.argv[2]!, 'utf8'),
  now: Date.now,
  monotonicNow: () => performance.now(),
  refreshMs: 500,
  firstAnswerWithinMs: 60_000,
  schedule: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});

createInterface({ input: process.stdin }).on('line', () => {
  void reader.fresh().then(({ source, document }) => {
    process.stdout.write(`${JSON.stringify({ source, generation: document?.generation })}\n`);
  });
});
