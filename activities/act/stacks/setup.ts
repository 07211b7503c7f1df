import { resolve } from 'node:path';
import type { EnvironmentPlan, Infrastructure } from '../../../rules/plan/environment-plan';
import { parseTemplate } from '../../../rules/stacks/template';
import { rolloutPartsOf, type RolloutParts, rolloutStackOf } from '../../../rules/plan/rollout-parts';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import { readValue } from '../../observe/flag/flags';
import { contentOf, describeStack } from '../../observe/stacks';

const ROOT = resolve(__dirname, '../../..');
/** `SERVICE_TAG` of `infra/rollout-stack.ts`. */
const SERVICE_TAG = 'RolloutService';
const EMPTY: readonly string[] = ['REVIEW_IN_PROGRESS', 'DELETE_COMPLETE'];

/** As far as it is read. */
interface Resource {
  readonly Type?: unknown;
  readonly Properties?: { readonly Name?: unknown };
}

/** The stacks to deploy, one after the other; `notes` for people. */
export interface Setup {
  readonly deployments: readonly Infrastructure[];
  readonly notes: readonly string[];
}

/**
 * The app of `RolloutStack-{service}-{env}`: `infra/rollout-app.ts` with the plan's settings as its argument. A flag parameter
 * created elsewhere stays there. Fails with `InvalidRequest` when the stack of that name belongs to another service.
 */
export function createSetup(awsFor: AwsFor): { prepareSetup(plan: EnvironmentPlan): Promise<Setup> } {
  return {
    prepareSetup: async (plan) => {
      const { aws, flag, service } = plan;
      const stack = rolloutStackOf(plan);
      const parts = rolloutPartsOf(plan);
      const [own, value] = await Promise.all([ownStack(awsFor, plan, stack), readValue(awsFor, aws, flag.parameter)]);
      if (own !== undefined && own.service !== service)
        throw failure(
          'InvalidRequest',
          `${stack} in account ${aws.account} belongs to ${own.service}, not to ${service}: one of the two needs another account or environment name; delete the stack only if nothing uses it`,
        );
      const madeElsewhere = value !== undefined && own?.hasFlag !== true;
      const wanted = app(stack, { ...parts, flagIsThere: madeElsewhere });
      if (madeElsewhere)
        return { deployments: [wanted], notes: [`${flag.parameter} is there already, and stays as it is`] };
      // A manually deleted parameter: CloudFormation creates it again only after it had left the template.
      const lost = own?.hasFlag === true && value === undefined;
      if (!lost) return { deployments: [wanted], notes: [] };
      const notes = [
        `${flag.parameter} was deleted outside ${stack}: it is removed from the stack and created again, at 0 %`,
      ];
      return { deployments: [app(stack, { ...parts, flagIsThere: true }), wanted], notes };
    },
  };
}

function app(stack: string, parts: RolloutParts): Infrastructure {
  const argument = Buffer.from(JSON.stringify(parts)).toString('base64url');
  return { app: `node --require ./register.cjs infra/rollout-app.ts ${argument}`, directory: ROOT, stacks: [stack] };
}

async function ownStack(
  awsFor: AwsFor,
  { aws, flag }: EnvironmentPlan,
  name: string,
): Promise<{ readonly service: string; readonly hasFlag: boolean } | undefined> {
  const { cloudformation } = awsFor(aws);
  try {
    const stack = await describeStack(cloudformation, name);
    if (stack === undefined || EMPTY.includes(stack.StackStatus ?? '')) return undefined;
    const { template } = await contentOf(cloudformation, stack);
    const service = stack.Tags?.find(({ Key }) => Key === SERVICE_TAG)?.Value ?? 'another owner';
    return { service, hasFlag: makesParameter(template, flag.parameter) };
  } catch (error) {
    throw toFailure(error, `reading ${name}`);
  }
}

/** By its name: the plan may name another parameter than the one that the stack once created. */
function makesParameter(template: string, name: string): boolean {
  const { Resources = {} } = (parseTemplate(template) ?? {}) as {
    readonly Resources?: Readonly<Record<string, Resource | undefined>>;
  };
  return Object.values(Resources).some(
    (resource) => resource?.Type === 'AWS::SSM::Parameter' && resource.Properties?.Name === name,
  );
}
