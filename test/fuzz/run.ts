import { numbers } from '../helpers/samples/foreign-texts';
import type { Target } from './targets';

export interface Found {
  readonly target: string;
  /** Repeats it: `--only TARGET --seed SEED`, at this input. */
  readonly nth: number;
  readonly input: string;
  readonly error: string;
}

export interface Fuzzed {
  readonly seed: number;
  readonly inputs: number;
  /** Errors that the code did not mean to throw. */
  readonly crashes: number;
  /** Results that break what the target promises. */
  readonly wrong: number;
  readonly targets: readonly { target: string; inputs: number; seconds: number; found: number }[];
  /** The first of each target. */
  readonly found: readonly Found[];
}

const INPUT_LENGTH = 2_000;
const isWrong = ({ error }: Found): boolean => error.startsWith('Error: wrong: ');

/** Feeds `inputs` in all, each target its share. The same seed makes the same inputs. */
export function fuzz(targets: readonly Target[], inputs: number, seed: number): Fuzzed {
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  const results = targets.map((target) => {
    const count = Math.ceil((inputs * target.share) / shares);
    const begunMs = performance.now();
    const found = feed(target, count, seed);
    return { target: target.name, inputs: count, seconds: Math.round(performance.now() - begunMs) / 1_000, found };
  });
  const all = results.flatMap(({ found }) => found);
  return {
    seed,
    inputs: results.reduce((sum, { inputs: count }) => sum + count, 0),
    crashes: all.filter((one) => !isWrong(one)).length,
    wrong: all.filter(isWrong).length,
    targets: results.map(({ found, ...result }) => ({ ...result, found: found.length })),
    found: results.flatMap(({ found }) => found.slice(0, 1)),
  };
}

function feed(target: Target, count: number, seed: number): readonly Found[] {
  const next = numbers(seed);
  const found: Found[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const input = target.make(next);
    try {
      target.feed(input as never);
    } catch (error) {
      found.push({ target: target.name, nth, input: shown(input), error: String((error as Error).stack ?? error) });
    }
  }
  return found;
}

function shown(input: unknown): string {
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input));
  return text.length > INPUT_LENGTH ? `${text.slice(0, INPUT_LENGTH)}…` : text;
}
