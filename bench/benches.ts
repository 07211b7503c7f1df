import type { Bench } from './bench';

interface NamedBench {
  readonly about: string;
  readonly load: () => Bench;
}

/** Every bench by its name. Each loads only what it measures. */
export const BENCHES: Readonly<Record<string, NamedBench>> = {
  watch: {
    about: 'from the alarm until 0 %, beside a bare signal and scripts that look each second or minute',
    load: () => (require('./live/watch') as typeof import('./live/watch')).watch,
  },
  storm: {
    about: 'a thousand alarms at once, until the last parameter is at 0 %',
    load: () => (require('./live/storm') as typeof import('./live/storm')).storm,
  },
  scale: {
    about: 'starts, CPU, memory, AWS calls and reaction with many live rollouts',
    load: () => (require('./live/scale') as typeof import('./live/scale')).scale,
  },
  load: {
    about: 'a hundred verbs and a thousand events a second against one rollout, and an hour of both after an outage',
    load: () => (require('./live/load') as typeof import('./live/load')).load,
  },
  schedule: {
    about: 'eight days of a good rollout on the time-skipping server: looks, events, CPU, replay',
    load: () => (require('./schedule/schedule') as typeof import('./schedule/schedule')).schedule,
  },
  deploy: {
    about: 'one small stack, by our activity beside the cdk command',
    load: () => (require('./deploy/deploy') as typeof import('./deploy/deploy')).deploy,
  },
  cli: {
    about: 'the time of short commands, beside node -e 0',
    load: () => (require('./cli/cli') as typeof import('./cli/cli')).cli,
  },
  flags: {
    about: 'evaluations of the flag, beside other libraries',
    load: () => (require('./flags/flags') as typeof import('./flags/flags')).flags,
  },
};
