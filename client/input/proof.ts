import { randomUUID } from 'node:crypto';
import type * as signing from '../../activities/caller-proof';
import { raises } from '../../rules/identity/permissions';
import type { Purpose } from '../../rules/identity/proof';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import type { Command } from '../../workflows/messages';
import type { CommonOptions } from '../options';
import type { Target } from '../target';
import { CliError } from '../terminal/cli-error';
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
  { permissions, workflowId }: RolloutStatus,
): Promise<C> {
  if (permissions?.proof !== 'required' || !raises(verb)) return command;
  const { run, region } = permissions;
  return signed(target, region, { workflowId, run, verb, command });
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
  return { region, profile: hasOwn(target.options) ? undefined : profileOf(target) };
}

const OWN = ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];

const hasOwn = ({ sandbox }: CommonOptions): boolean => sandbox !== true && OWN.some((name) => name in process.env);

/** Without a plan file, the standard chain finds them. */
function profileOf(target: Target): string | undefined {
  try {
    return target.planned().plan.aws.profile;
  } catch {
    return undefined;
  }
}
