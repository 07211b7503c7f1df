import colors from 'picocolors';
import { rolloutWorkflowId } from '../../workflows/messages';
import type { StoryResult } from './story';
import type { Running } from '../supervisor';

/** How the stories ended, one line each. */
export function endings(stories: readonly StoryResult[]): string {
  return stories
    .map(({ environment, outcome, percentages, alarm, breachToZeroMs, historyEvents }) => {
      const by = alarm === undefined ? '' : ` by ${alarm}`;
      const fast = breachToZeroMs === undefined ? '' : `, ${breachToZeroMs} ms from the alarm to 0 %`;
      return `${environment}: ${outcome}${by}, ${percentages.join(' → ')} %${fast}, ${historyEvents} events of history`;
    })
    .join('\n');
}

/** What to type next, with the addresses and names of this sandbox. */
export function nextSteps({ temporal, prod, staging }: Running): string {
  const { service } = staging.plan;
  const id = rolloutWorkflowId(service, 'staging');
  const signal = `${temporal.cli} workflow signal --address ${temporal.address} --workflow-id ${id} --name pause`;
  return tryNext([
    ['Temporal Web UI', temporal.ui],
    ['sample API', `${staging.apiUrl}/api/health (staging)  ${prod.apiUrl}/api/health (prod)`],
    ['start again', 'npx rollout rollback staging --sandbox && npx rollout start staging --sandbox --watch'],
    ['status', 'npx rollout status staging --sandbox'],
    ['pause', 'npx rollout pause staging --sandbox'],
    ['resume', 'npx rollout resume staging --sandbox'],
    ['back to 0 %', 'npx rollout abort staging --sandbox --reason "trying it"'],
    ['by signal', signal],
    [
      'break prod',
      `curl -X POST ${prod.apiUrl}/sandbox/regression -H 'content-type: application/json' -d '{"on":true}'   ({"on":false} repairs it)`,
    ],
    ['freeze', 'npx rollout freeze staging --sandbox --until 2099-01-01 --reason "trying it"'],
    ['check AWS', 'npx rollout doctor prod --sandbox'],
  ]);
}

/** What to type during slow stories. Alarms and guards answer as fast as ever. */
export const duringStories = (): string =>
  rowsOf('Steps take one to two minutes. Meanwhile, in another terminal:', [
    ['look', 'npx rollout status staging --sandbox'],
    ['follow', 'npx rollout watch staging --sandbox'],
    ['in the browser', 'npx rollout ui --sandbox'],
    ['pause', 'npx rollout pause staging --sandbox --reason "trying it"'],
    ['resume', 'npx rollout resume staging --sandbox'],
    ['raise now', 'npx rollout promote staging --sandbox'],
    ['back to 0 %', 'npx rollout abort staging --sandbox --reason "trying it"'],
  ]);

/** Names and commands, one below the other. */
export const tryNext = (rows: Rows): string =>
  `${rowsOf('Everything stays up. What to try next, in another terminal:', rows)}\nCtrl-C stops it all.`;

type Rows = readonly (readonly [string, string])[];

function rowsOf(title: string, rows: Rows): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return [colors.bold(title), ...rows.map(([name, command]) => `  ${colors.dim(name.padEnd(width))}  ${command}`)].join(
    '\n',
  );
}
