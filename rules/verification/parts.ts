import type { FollowsGuard } from '../guards/guard';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { limitsOf } from './limits';
import { type PartName, PARTS } from './part-names';

/** What each part shows, for people. */
export const PART_WORDS: Readonly<Record<PartName, string>> = {
  health: 'every instance of the API is up, in the mode of the flag',
  'deployment-status': 'the API finds its own parts',
  'bad-input': 'input that is no job is refused',
  'test-job': 'the test job through the API, its results compared with the golden ones',
  'step-functions': 'the test job on Step Functions, its results compared with the golden ones',
  'failing-job': 'a job that has to fail fails, and its error says why',
  alarms: 'no alarm rings',
  dashboard: 'the dashboard shows data of this verification',
};

/** The parts of this plan: the status of the deployment only where the plan says that the API has one, or requires it. */
export function partsOf(plan: Pick<EnvironmentPlan, 'verification'>): readonly PartName[] {
  const asked = plan.verification.deploymentStatus === true || isNamed(plan, 'deployment-status');
  return PARTS.filter((part) => part !== 'deployment-status' || asked);
}

type Needed = Pick<EnvironmentPlan, 'verification' | 'watch'>;

/** Why a part cannot be run by this plan; undefined when it can. */
export function unverifiable({ verification, watch }: Needed, part: PartName): string | undefined {
  const missing = (...keys: readonly (keyof EnvironmentPlan['verification'])[]): string | undefined => {
    const absent = keys.filter((key) => verification[key] === undefined).map((key) => `verification.${key}`);
    return absent.length === 0 ? undefined : `the plan names no ${absent.join(' and no ')}`;
  };
  switch (part) {
    case 'health':
      return addressesOf(verification).length > 0 ? undefined : missing('apiUrl');
    case 'deployment-status':
      return verification.deploymentStatus === true
        ? missing('apiUrl')
        : 'the plan does not say verification.deploymentStatus: true';
    case 'bad-input':
      return missing('apiUrl', 'badJob');
    case 'test-job':
      return missing('apiUrl', 'testJob');
    case 'step-functions':
      return missing('stateMachine', 'testJob');
    case 'failing-job':
      return missing('apiUrl', 'failingJob');
    case 'alarms':
      return watch.alarms.length > 0 ? undefined : 'the plan names no watch.alarms';
    case 'dashboard':
      return watch.dashboard === undefined ? 'the plan names no watch.dashboard' : undefined;
  }
}

/** Where health is asked: at each instance where the plan names them, else at the one address. */
export function addressesOf({ instances, healthUrl, apiUrl }: EnvironmentPlan['verification']): readonly string[] {
  const health = (api: string): string => `${api.replace(/\/+$/, '')}/api/health`;
  if (instances !== undefined) return instances.map(health);
  if (healthUrl !== undefined) return [healthUrl];
  return apiUrl === undefined ? [] : [health(apiUrl)];
}

/** Name of the guard that no plan writes: whether every instance follows the flag document. */
export const FOLLOWS = 'api-follows-the-flag';

/**
 * Watched above 0 % wherever the plan says where the API answers. Where the flags are delivered as variables the delivery asks
 * each instance by itself. A provider that does not answer only holds.
 */
export function followsGuard({
  delivery,
  environment,
  flag,
  verification,
}: Pick<EnvironmentPlan, 'delivery' | 'environment' | 'flag' | 'verification'>): FollowsGuard | undefined {
  const addresses = addressesOf(verification);
  const withinMs = verification.followWithinMs ?? limitsOf(verification).answersMs;
  if (delivery !== undefined || addresses.length === 0 || withinMs === 0) return undefined;
  return { name: FOLLOWS, kind: 'follows', onBreach: 'hold', environment, flag, addresses, withinMs, breach: {} };
}

/** Whether the verification fails when this part cannot be run. What the plan does not say is required. */
export const isRequired = (
  { verification: { require } }: Pick<EnvironmentPlan, 'verification'>,
  part: PartName,
): boolean => require === undefined || require.includes(part);

/** Whether the plan names it: then it has to be looked at, whatever rule would leave it out. */
export const isNamed = (
  { verification: { require } }: Pick<EnvironmentPlan, 'verification'>,
  part: PartName,
): boolean => require?.includes(part) === true;
