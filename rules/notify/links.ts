import { partitionOf } from '../partition';
import type { AwsTarget } from '../plan/environment-plan';
import type { Link } from './notice';

interface Linked {
  readonly aws: AwsTarget;
  readonly watch: { readonly dashboard?: string };
}

/** Console of each partition. AWS publishes none for the isolated ones: no link is better than a wrong one. */
const CONSOLES: Readonly<Record<string, (region: string) => string>> = {
  aws: (region) => `${region}.console.aws.amazon.com`,
  'aws-cn': () => 'console.amazonaws.cn',
  'aws-us-gov': () => 'console.amazonaws-us-gov.com',
  'aws-eusc': (region) => `${region}.console.amazonaws-eusc.eu`,
};

/** Where the console of AWS shows what a notice is about: the dashboard of the plan, and the alarm that fired. */
export function consoleLinks({ aws: { region }, watch }: Linked, alarm?: string): readonly Link[] {
  const host = CONSOLES[partitionOf(region).name]?.(region);
  if (host === undefined) return [];
  const base = `https://${host}/cloudwatch/home?region=${region}#`;
  const links: Link[] = [];
  if (watch.dashboard !== undefined)
    links.push({ text: 'Dashboard', url: `${base}dashboards/dashboard/${encodeURIComponent(watch.dashboard)}` });
  if (alarm !== undefined) links.push({ text: 'Alarm', url: `${base}alarmsV2:alarm/${encodeURIComponent(alarm)}` });
  return links;
}

/** Path of a workflow in Temporal's Web UI. With a run, to the tab with the text that the workflow shows of itself; the others begin with its input. */
export const webPath = (namespace: string, workflowId: string, runId?: string): string =>
  ['namespaces', namespace, 'workflows', workflowId, ...(runId === undefined ? [] : [runId, 'user-metadata'])]
    .map(encodeURIComponent)
    .join('/');
