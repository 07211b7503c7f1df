import type { FollowsGuard } from '../guards/guard';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { limitsOf } from './limits';
import { type PartName, PARTS } from './part-names';

/** What each part proves, for people. */
export const PART_WORDS: Readonly<Record<PartName, string>> = {
  health: 'every instance of the API is up, in the mode of the flag',
  'deployment-status': 'the API finds its own parts',
  'bad-input': 'the API refuses invalid input',
  'test-job': 'the test job through the API, its results compared with the golden ones',
  'step-functions': 'the test job on Step Functions, its results compared with the golden ones',
  'failing-job': 'a job that must fail fails, and its error says why',
  alarms: 'no alarm fires',
  dashboard: 'the dashboard shows data of this verification',
};

type Needed = Pick<EnvironmentPlan, 'verification' | 'watch'>;

/**
 * The parts of this plan, its checks first. `deployment-status` only if the plan says that the API has one, or requires it.
 * With checks, the other parts are those that the plan names or can run; a check replaces the part of its name.
 */
export function partsOf(plan: Needed): readonly string[] {
  const { checks, deploymentStatus } = plan.verification;
  const isAsked = (part: PartName): boolean => {
    if (isNamed(plan, part)) return true;
    if (part === 'deployment-status' && deploymentStatus !== true) return false;
    return checks === undefined || unverifiable(plan, part) === undefined;
  };
  return [...(checks ?? []), ...PARTS.filter((part) => checks?.includes(part) !== true && isAsked(part))];
}

/** Why a part cannot run with this plan; undefined when it can. */
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

/** Health addresses: of each instance if the plan names them, else the single one. */
export function addressesOf({ instances, healthUrl, apiUrl }: EnvironmentPlan['verification']): readonly string[] {
  const health = (api: string): string => `${api.replace(/\/+$/, '')}/api/health`;
  if (instances !== undefined) return instances.map(health);
  if (healthUrl !== undefined) return [healthUrl];
  return apiUrl === undefined ? [] : [health(apiUrl)];
}

/** Name of the derived guard: whether every instance follows the flag document. */
export const FOLLOWS = 'api-follows-the-flag';

/**
 * Active above 0 % if the plan names an address of the API. If the flags are delivered as variables, the delivery checks each
 * instance itself. An API that does not answer only holds.
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

/** Whether the verification fails when this part cannot run. Required unless the plan says otherwise. */
export const isRequired = (
  { verification: { require } }: Pick<EnvironmentPlan, 'verification'>,
  part: string,
): boolean => require === undefined || require.includes(part);

/** Whether the plan names the part: then it must run, even if a rule would leave it out. */
export const isNamed = ({ verification: { require } }: Pick<EnvironmentPlan, 'verification'>, part: string): boolean =>
  require?.includes(part) === true;
