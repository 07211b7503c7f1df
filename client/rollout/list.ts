import { escaped, formatTime, percent } from '../../rules/format';
import { webLink } from '../temporal/connect';
import type { ExitCode } from '../terminal/cli-error';
import { listRollouts, runningReleases, withOutcomes } from '../temporal/list-rollouts';
import type { ListedRelease, ListedRollout } from '../answers/answers';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { say, warn } from '../terminal/output';
import { localZone } from '../terminal/render';
import { tableText } from '../terminal/table';
import { workerPolls } from '../temporal/worker-polls';

interface ListOptions extends CommonOptions {
  readonly all?: boolean;
}

export const verb = defineVerb<ListOptions>({
  name: 'list',
  group: 'Inspect',
  summary: 'lists the running rollouts',
  examples: [['rollout list --all --json', 'all rollouts, for a program']],
  options: [{ flags: '--all', summary: 'include ended rollouts' }],
  handler: list,
});

async function list(target: Target, options: ListOptions): Promise<ExitCode> {
  const temporal = await target.temporal();
  const found = await listRollouts(temporal, options.all === true);
  const rows = options.all === true ? await withOutcomes(temporal, found) : found;
  const linked = rows.map((row) => ({ ...row, link: webLink(temporal, row.workflowId, row.runId) }));
  const releases = await runningReleases(temporal);
  const current = await workerPolls(temporal);
  if (!current)
    warn('No worker is running: percentages and phases are the last reported ones; the present ones are NOT KNOWN.');
  const lines = [rows.length === 0 ? nothing(options) : escaped(tableOf(rows)), ...releases.map(releaseLine)];
  say(options, 'list', { text: lines.join('\n'), json: { rollouts: linked, releases, current } });
  return 0;
}

const nothing = (options: ListOptions): string =>
  options.all === true ? 'No rollout is known.' : 'No rollout is running. To see ended ones: `rollout list --all`';

const releaseLine = ({ environment, stage, workflowId, startedAtMs }: ListedRelease): string =>
  `A release of ${environment} is at its ${stage}, started ${formatTime(startedAtMs, localZone(), Date.now())} (workflow ${workflowId}).`;

function tableOf(rows: readonly ListedRollout[]): string {
  const zone = localZone();
  const time = (atMs: number | undefined): string => (atMs === undefined ? '' : formatTime(atMs, zone, Date.now()));
  return tableText(
    [
      { title: 'Service' },
      { title: 'Environment' },
      { title: '%', align: 'right' },
      { title: 'Phase' },
      { title: 'Started' },
      { title: 'By' },
      { title: 'Ended' },
    ],
    rows.map((row) => [
      row.service,
      row.environment,
      row.percentage === undefined ? 'NOT KNOWN' : percent(row.percentage),
      row.outcome ?? row.phase,
      time(row.startedAtMs),
      row.startedBy,
      time(row.endedAtMs),
    ]),
  );
}
