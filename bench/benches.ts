import type { Bench } from './bench';

interface NamedBench {
  readonly about: string;
  readonly load: () => Bench;
}

/** Every bench by its name. Each loads only what it measures. */
export const BENCHES: Readonly<Record<string, NamedBench>> = {
  flags: {
    about: 'evaluations of the flag, beside other libraries',
    load: () => (require('./flags/flags') as typeof import('./flags/flags')).flags,
  },
};
