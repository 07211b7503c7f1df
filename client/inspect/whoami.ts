import { hasRight, nameHasRight, type Permissions, type Right, RIGHT_OF } from '../../rules/identity/permissions';
import { type Principal, principalOf } from '../../rules/identity/principal';
import { actor } from '../input/actor';
import { callerArn } from '../input/proof';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import type { ExitCode } from '../terminal/cli-error';
import { say } from '../terminal/output';

export const verb = defineVerb<CommandOptions>({
  name: 'whoami',
  argument: '<env>',
  group: 'Inspect',
  summary: 'shows who you are to the rollouts of an environment, and which verbs its plan lets you use',
  examples: [['rollout whoami prod', 'may I approve?']],
  handler: whoami,
});

/** By the plan file: a running rollout keeps the plan that it began with. */
async function whoami(target: Target, options: CommandOptions): Promise<ExitCode> {
  const { plan } = target.planned();
  const { permissions, environment } = plan;
  const isProved = permissions?.proof === 'required';
  const arn = isProved ? await callerArn(target, plan.aws.region) : undefined;
  const principal = arn === undefined ? undefined : principalOf(arn, permissions?.people);
  const person = isProved ? (principal?.person ?? arn ?? '') : actor(options.by);
  const may = (right: Right): boolean => permissions === undefined || mayBy(permissions, right, principal, person);
  const rights = (['raise', 'approve'] as const).map((right) => ({ right, may: may(right), verbs: verbsOf(right) }));
  const lines = rights.map(
    ({ right, may: allowed, verbs }) =>
      `- ${verbs.join(', ')}: ${allowed ? 'yes' : 'no'}${permissions === undefined ? '' : ` (${permissions.at}.${right})`}`,
  );
  const how = isProved ? `proved by AWS: ${arn}` : 'the name you give, which nobody proves';
  const head = `**${environment}: you are ${person}** (${how}).`;
  say(options, 'whoami', {
    text: [head, ...lines, '- pause, reject, extend, abort, rollback: yes, everybody may'].join('\n'),
    json: { environment, person, arn, proof: permissions?.proof ?? 'claimed', at: permissions?.at, rights },
  });
  return 0;
}

const mayBy = (permissions: Permissions, right: Right, principal: Principal | undefined, person: string): boolean =>
  permissions.proof === 'claimed'
    ? nameHasRight(permissions, right, person)
    : principal !== undefined && hasRight(permissions, right, principal);

const verbsOf = (right: Right): readonly string[] =>
  Object.entries(RIGHT_OF).flatMap(([verb, needs]) => (needs === right ? [verb] : []));
