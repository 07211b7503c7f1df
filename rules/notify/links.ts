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
