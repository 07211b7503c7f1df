import Table from 'cli-table3';
import pc from 'picocolors';
import { instant, percent } from '../../rules/words';
import { webLink, withTemporal } from '../temporal/connect';
import type { ExitCode } from '../terminal/failure';
import { listRollouts, runningReleases, withOutcomes } from '../temporal/list-rollouts';
import type { ListedRelease, ListedRollout } from '../temporal/list-rollouts';
import type { ListOptions } from '../options';
import { say, warn } from '../terminal/output';
import { localZone } from '../terminal/render';
import { workerPolls } from '../temporal/worker-polls';

/** `rollout list` */
export function list(options: ListOptions): Promise<ExitCode> {
  return withTemporal<ExitCode>(options, async (temporal) => {
    const found = await listRollouts(temporal, options.all === true);
    const rows = options.all === true ? await withOutcomes(temporal, found) : found;
    const linked = rows.map((row) => {
      const link = webLink(temporal, row.workflowId, row.runId);
      return link === undefined ? row : { ...row, link };
    });
    const releases = await runningReleases(temporal);
    const current = await workerPolls(temporal);
    if (!current)
      warn(
        'No worker is running: percentages and phases are the last ones that were told, how it is now is NOT KNOWN.',
      );
    const lines = [rows.length === 0 ? nothing(options) : tableOf(rows), ...releases.map(releaseLine)];
    say(options, { text: lines.join('\n'), json: { rollouts: linked, releases, current } });
    return 0;
  });
}

const nothing = (options: ListOptions): string =>
  options.all === true ? 'No rollout is known.' : 'No rollout is running. Those that ended: rollout list --all';

const releaseLine = ({ environment, stage, workflowId, startedAtMs }: ListedRelease): string =>
  `A release of ${environment} is at its ${stage}, begun ${instant(startedAtMs, localZone(), Date.now())} (workflow ${workflowId}).`;

function tableOf(rows: readonly ListedRollout[]): string {
  const zone = localZone();
  const table = new Table({
    head: ['Service', 'Environment', '%', 'Phase', 'Started', 'By', 'Ended'].map((title) => pc.bold(title)),
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'left', 'left', 'left', 'left'],
  });
  for (const row of rows)
    table.push([
      row.service,
      row.environment,
      row.percentage === undefined ? 'NOT KNOWN' : percent(row.percentage),
      row.outcome ?? row.phase,
      instant(row.startedAtMs, zone, Date.now()),
      row.startedBy,
      row.endedAtMs === undefined ? '' : instant(row.endedAtMs, zone, Date.now()),
    ]);
  return table.toString();
}
