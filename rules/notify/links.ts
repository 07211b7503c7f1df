import type { AwsTarget } from '../plan/environment-plan';
import type { Link } from './notice';

interface Linked {
  readonly aws: AwsTarget;
  readonly watch: { readonly dashboard?: string };
}

/** Where the console of AWS shows what a notice is about: the dashboard of the plan, and the alarm that fired. */
export function consoleLinks({ aws: { region }, watch }: Linked, alarm?: string): readonly Link[] {
  const base = `https://${hostOf(region)}/cloudwatch/home?region=${region}#`;
  const links: Link[] = [];
  if (watch.dashboard !== undefined)
    links.push({ text: 'Dashboard', url: `${base}dashboards/dashboard/${encodeURIComponent(watch.dashboard)}` });
  if (alarm !== undefined) links.push({ text: 'Alarm', url: `${base}alarmsV2:alarm/${encodeURIComponent(alarm)}` });
  return links;
}

/** Each partition of AWS has its own console. */
function hostOf(region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn';
  if (region.startsWith('us-gov-')) return 'console.amazonaws-us-gov.com';
  return `${region}.console.aws.amazon.com`;
}

/** Path of a workflow in Temporal's Web UI. With a run, to the tab with the text that the workflow shows of itself; the others begin with its input. */
export const webPath = (namespace: string, workflowId: string, runId?: string): string =>
  ['namespaces', namespace, 'workflows', workflowId, ...(runId === undefined ? [] : [runId, 'user-metadata'])]
    .map(encodeURIComponent)
    .join('/');
