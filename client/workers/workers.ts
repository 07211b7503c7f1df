import { escaped, formatTime } from '../../rules/format';
import {
  buildBefore,
  buildName,
  type BuildChosen,
  chosenBuild,
  type SeenBuild,
  stateOf,
} from '../../rules/workers/builds';
import { type StillStuck, stuckLine } from '../../rules/workers/stuck';
import { versioningOf } from '../../rules/workers/versioning';
import { actor } from '../input/actor';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { freeStuckRollouts } from './free-stuck';
import { type Builds, seenBuilds, setCurrent } from './builds';
import { CliError, type ExitCode } from '../terminal/cli-error';
import type { WorkersAnswer } from '../answers/answers';
import { say } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { localZone } from '../terminal/render';
import { tableText } from '../terminal/table';

interface WorkersOptions extends CommandOptions {
  readonly setCurrent?: string;
  readonly takeBack?: boolean;
}

export const verb = defineVerb<WorkersOptions>({
  name: 'workers',
  group: 'Inspect',
  summary: 'shows the builds of the worker, which one is current, and the rollouts on each',
  examples: [
    ['rollout workers', 'which build runs what'],
    ['rollout workers --take-back --reason "it fails"', 'the build before is current again, at once'],
  ],
  reason: 'optional',
  options: [
    {
      flags: '--set-current <build>',
      summary:
        'give the tasks of every rollout to this build from now on; `unversioned`: to workers without versioning',
    },
    { flags: '--take-back', summary: 'the same with the build that was current before' },
  ],
  handler: workers,
});

async function workers(target: Target, options: WorkersOptions): Promise<ExitCode> {
  const { setCurrent: named, takeBack } = options;
  if (named !== undefined && takeBack === true)
    throw new CliError(2, 'Type either --set-current BUILD or --take-back, not both.');
  const temporal = await target.temporal();
  const { deploymentName } = versioningOf({ ROLLOUT_WORKER_DEPLOYMENT: process.env['ROLLOUT_WORKER_DEPLOYMENT'] });
  const seen = await seenBuilds(temporal, deploymentName);
  if (named === undefined && takeBack !== true) {
    say(options, 'workers', { text: escaped(tableOf(seen)), json: jsonOf(seen) });
    return 0;
  }
  const by = [actor(options.by), options.reason].filter((part) => part !== undefined).join(': ');
  const build = allowed(named === undefined ? buildBefore(seen.builds) : chosenBuild(seen.builds, named));
  const before = seen.builds.find(({ isCurrent }) => isCurrent)?.build;
  if (build !== before) await setCurrent(temporal, deploymentName, { build, by });
  const { freed, stuck } = await freeStuckRollouts(temporal);
  say(options, 'workers-changed', {
    text: escaped([changedLine(build, before), ...freed.map(freedLine), ...stuckLines(stuck)].join('\n')),
    json: {
      deployment: deploymentName,
      current: buildName(build),
      before: buildName(before),
      changed: build !== before,
      freed,
      stuck,
    },
  });
  return stuck.length === 0 ? 0 : 1;
}

function allowed(chosen: BuildChosen): string | undefined {
  if (chosen.refusal !== undefined) throw refusedBy({ rule: 'workers', ...chosen.refusal });
  return chosen.build;
}

const changedLine = (build: string | undefined, before: string | undefined): string =>
  build === before
    ? `Build ${buildName(build)} is the current one already. For an earlier one type --set-current BUILD.`
    : `Build ${buildName(build)} is the current one now (before: ${buildName(before)}). Rollouts continue on it with their next task.`;

const freedLine = (workflowId: string): string =>
  `${workflowId}: its task kept failing; it continues now from its last task that succeeded.`;

const stuckLines = (stuck: readonly StillStuck[]): readonly string[] =>
  stuck.length === 0
    ? []
    : [
        ...stuck.map(stuckLine),
        'Type this again to try it again. To 0 % without a worker: `npx rollout flags set ENV --percentage 0 --break-glass --reason TEXT`.',
      ];

const jsonOf = ({ deploymentName, builds, changedBy }: Builds): WorkersAnswer => ({
  deployment: deploymentName,
  changedBy,
  builds: builds.map((seen) => ({ ...seen, build: buildName(seen.build), state: stateOf(seen) })),
});

function tableOf({ builds, changedBy }: Builds): string {
  if (builds.every(({ workers: count }) => count === 0) && builds.length < 2) return NOBODY;
  const zone = localZone();
  const rows = builds.map((seen) => [
    buildName(seen.build),
    stateWords(seen),
    String(seen.workers),
    countOf(seen.rollouts),
    countOf(seen.workflows),
    seen.currentAtMs === undefined ? '' : formatTime(seen.currentAtMs, zone, Date.now()),
  ]);
  const [build, state] = [{ title: 'Build' }, { title: 'State' }];
  const counts = ['Workers', 'Rollouts', 'Workflows'].map((title) => ({ title, align: 'right' }) as const);
  const table = tableText([build, state, ...counts, { title: 'Current since, or last' }], rows);
  return changedBy === undefined ? table : `${table}\nThe current build was set last by ${changedBy}.`;
}

const NOBODY = 'No worker is running. Start one: `rollout-worker`, or `npm run worker` in the project.';
const countOf = (count: number | undefined): string => (count === undefined ? 'NOT KNOWN' : String(count));

function stateWords(seen: SeenBuild): string {
  const state = stateOf(seen);
  if (state === 'ramping') return `ramping, ${seen.rampPercentage} %`;
  return state === 'current' && seen.workers === 0 ? 'current, NO WORKER' : state;
}
