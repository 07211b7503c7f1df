import { randomUUID } from 'node:crypto';
import type * as signing from '../../activities/caller-proof';
import { raises } from '../../rules/identity/permissions';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Purpose } from '../../rules/identity/proof';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import type { Command } from '../../workflows/messages';
import type { CommonOptions } from '../options';
import type { Target } from '../target';
import type { RolloutView } from '../temporal/find-rollout';
import { CliError } from '../terminal/cli-error';
import { warn } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { useSandboxAws } from './sandbox-state';

/** Where the credentials of the person are, and which STS is asked. */
type Place = Parameters<typeof signing.signProof>[0];

/** AWS's packages are loaded only for what needs them. */
const aws = (): typeof signing => require('../../activities/caller-proof') as typeof signing;

/** The command, signed if the rollout asks who sends it. Nothing is sent when it cannot be signed. */
export async function withProof<C extends Command>(
  target: Target,
  verb: string,
  command: C,
  seen: RolloutView,
): Promise<C> {
  if (!raises(verb)) return command;
  const asks = seen.queryError === undefined ? asksOf(seen.status) : asksByPlan(target, verb, seen);
  if (asks === undefined) return command;
  const { workflowId } = seen.status;
  return signed(target, asks.region, { workflowId, run: asks.run, verb, command });
}

interface Asks {
  readonly run: string;
  readonly region: string;
}

const asksOf = ({ permissions }: RolloutStatus): Asks | undefined =>
  permissions?.proof === 'required' ? permissions : undefined;

/** For a rollout that does not answer: what the plan file says. */
function asksByPlan(target: Target, verb: string, { status, firstRunId = '' }: RolloutView): Asks | undefined {
  const plan = planIfThere(() => target.planFile.planned(status.environment).plan);
  if (plan !== undefined && plan.permissions?.proof !== 'required') return undefined;
  if (plan !== undefined && firstRunId !== '') return { run: firstRunId, region: plan.aws.region };
  const why =
    plan === undefined ? 'there is no plan file that says whether it asks for a proof' : 'its run is not known';
  warn(
    `The rollout does not answer, and ${why}: the ${verb} is sent without a proof of who you are. If the rollout asks for one, send the ${verb} again when it answers.`,
  );
  return undefined;
}

/** @throws CliError 3 without credentials. */
export async function signed<C extends Command>(
  target: Target,
  region: string,
  purpose: Purpose & { readonly command: C },
): Promise<C> {
  try {
    const proof = await aws().signProof(placeOf(target, region), purpose, randomUUID());
    return { ...purpose.command, proof };
  } catch (error) {
    throw refusedBy({
      rule: 'proof',
      why: `${purpose.verb} needs a proof of who you are, and nothing could be signed: ${aws().messageOf(error)}. Nothing was sent`,
      remedy: 'AWS credentials, for example with AWS_PROFILE or `aws sso login`',
    });
  }
}

/** Who AWS says this is. */
export async function callerArn(target: Target, region: string): Promise<string> {
  try {
    return await aws().whoAmI(placeOf(target, region));
  } catch (error) {
    throw new CliError(1, `Who you are is NOT KNOWN: ${aws().messageOf(error)}.`);
  }
}

/** The person's own credentials come before the profile of the plan, which every member of the team shares. */
function placeOf(target: Target, region: string): Place {
  if (target.options.sandbox === true) useSandboxAws();
  // Without a plan file, the standard chain finds them.
  return {
    region,
    profile: hasOwn(target.options) ? undefined : planIfThere(() => target.planned().plan)?.aws.profile,
  };
}

const OWN = ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];

const hasOwn = ({ sandbox }: CommonOptions): boolean => sandbox !== true && OWN.some((name) => name in process.env);

/** Undefined without a plan file that can be read. */
function planIfThere(read: () => EnvironmentPlan): EnvironmentPlan | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
