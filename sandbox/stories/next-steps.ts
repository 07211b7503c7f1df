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

/** Names and commands, one below the other. */
export function tryNext(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    colors.bold('Everything stays up. What to try next, in another terminal:'),
    ...rows.map(([name, command]) => `  ${colors.dim(name.padEnd(width))}  ${command}`),
    'Ctrl-C stops it all.',
  ].join('\n');
}
