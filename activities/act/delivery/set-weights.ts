import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { otherThan, placeWords, targetGroupName } from '../../../rules/delivery/delivery';
import {
  type AliasTarget,
  nextGroups,
  ruleSettings,
  type RuleTarget,
  ruleWeightsFor,
  type WeightedGroup,
  type WeightsTarget,
} from '../../../rules/delivery/weights';
import { percent } from '../../../rules/format';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { lambdaOf, loadBalancersOf } from '../../delivery-clients';
import { failure, nameOf } from '../../failures';
import { readAlias } from '../../observe/delivery/lambda-alias';
import { forwardOf, type ListenerRule, readRule, unhealthyTargets } from '../../observe/delivery/listener-rule';
import { handsOn, type Place, type VariablesOrder } from './hands-on';
import { within } from '../../within';

/** How the traffic is split now, and how to change it. */
interface Split {
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Another deployment has changed it, which a raise would take back. */
  readonly stranger: string | undefined;
  /** Asked before a raise: why it must wait. */
  readonly notReady?: () => Promise<string | undefined>;
  /** Writes unless the split has changed since it was read. */
  readonly set: () => Promise<void>;
}

/** One step towards the wanted weights. Idempotent. A raise overwrites no change that it has not seen; 0 % is always set. */
export async function followWeights(
  order: VariablesOrder,
  to: WeightsTarget,
  abortSignal: AbortSignal,
): Promise<Place> {
  const split =
    to.kind === 'lambda-alias' ? await ofAlias(order, to, abortSignal) : await ofRule(order, to, abortSignal);
  const { settings, stranger } = split;
  const { wanted, percentage, progress } = order;
  const seen =
    percentage > 0 && stranger !== undefined ? { progress, others: { why: stranger } } : handsOn(order, settings);
  const place = { instances: [], desired: 0, ...seen };
  if (otherThan(wanted, settings).length === 0) return { settled: true, ...place };
  if (seen.others !== undefined) return { settled: 'the weights were changed from outside', ...place };
  const waitsFor = percentage === 0 ? undefined : await split.notReady?.();
  if (waitsFor !== undefined) return { settled: waitsFor, ...place, waitsFor };
  await split.set();
  return { settled: 'the weights are being set', ...place };
}

/** AWS compares the revision of the alias with the one that was read. */
async function ofAlias(order: VariablesOrder, to: AliasTarget, abortSignal: AbortSignal): Promise<Split> {
  const { aws, percentage, fence } = order;
  const { function: FunctionName, alias: Name, versions } = to;
  const { settings, version, revision } = await readAlias(aws, to, abortSignal);
  const isRaise = percentage > 0;
  // At 0 a version that another deployment has put behind the alias stays; only the new one is taken away.
  const input = {
    ...{ FunctionName, Name },
    FunctionVersion: isRaise || version === versions.new ? versions.old : undefined,
    RoutingConfig: { AdditionalVersionWeights: isRaise ? { [versions.new]: percentage / 100 } : {} },
    RevisionId: isRaise ? revision : undefined,
  };
  const { version: behind } = settings;
  return {
    settings,
    stranger: behind === versions.old ? undefined : `the alias is at version ${behind} and not ${versions.old}`,
    set: async () => {
      await fence(abortSignal);
      const { UpdateAliasCommand } = await import('@aws-sdk/client-lambda');
      try {
        await (await lambdaOf(aws)).send(new UpdateAliasCommand(input), { abortSignal });
      } catch (error) {
        // Changed since it was read: the next step sees by whom.
        if (nameOf(error) !== 'PreconditionFailedException') throw error;
      }
    },
  };
}

/** No more than a read of the flag document may take: both are over before the write. */
const READ_AGAIN_MS = 3_000;

/**
 * ModifyRule compares nothing, so a raise reads the rule again immediately before the write and writes only what it read
 * twice. A change of somebody else between that read and the write is overwritten.
 */
async function ofRule(order: VariablesOrder, to: RuleTarget, abortSignal: AbortSignal): Promise<Split> {
  const { aws, wanted, percentage, fence } = order;
  const rule = await readRule(aws, to, abortSignal);
  const settings = ruleSettings(to, rule.groups);
  const isRaise = percentage > 0;
  const joins = !(rule.groups ?? []).some(({ TargetGroupArn }) => TargetGroupArn === to.targetGroups.new);
  const weights = isRaise && joins ? { new: 0, old: 100 } : ruleWeightsFor(percentage);
  if (weights === undefined)
    throw failure('InvalidRequest', `${percent(percentage)} cannot be expressed by two weights from 0 to 999`);
  return {
    settings,
    stranger:
      settings['rest'] === targetGroupName(to.targetGroups.old)
        ? undefined
        : `beside ${targetGroupName(to.targetGroups.new)} the rule forwards to ${settings['rest']} and not to ${wanted['rest']}`,
    // AWS checks the health of a group only while a rule names it: it joins with a weight of 0.
    notReady: () => (joins ? Promise.resolve(undefined) : unhealthyTargets(aws, to, abortSignal)),
    set: async () => {
      if (isRaise) {
        const patience = within(READ_AGAIN_MS, abortSignal);
        const [now] = await Promise.all([readRule(aws, to, patience), fence(abortSignal)]);
        // Changed since it was read: the next step sees how.
        if (JSON.stringify(now) !== JSON.stringify(rule)) return;
      }
      await modifyRule(aws, to, { rule, groups: nextGroups(to, rule.groups ?? [], weights) }, abortSignal);
    },
  };
}

async function modifyRule(
  aws: AwsTarget,
  to: RuleTarget,
  { rule, groups }: { readonly rule: ListenerRule; readonly groups: readonly WeightedGroup[] },
  abortSignal: AbortSignal,
): Promise<void> {
  const { ModifyRuleCommand } = await import('@aws-sdk/client-elastic-load-balancing-v2');
  const forward = forwardOf(rule.actions);
  if (forward === undefined) throw failure('InvalidRequest', `${placeWords(to)} does not forward`);
  const Actions = rule.actions.map((action) => (action === forward ? weighted(action, groups) : again(action)));
  const client = await loadBalancersOf(aws);
  await client.send(new ModifyRuleCommand({ RuleArn: to.listenerRule, Actions }), { abortSignal });
}

/** A forward action that names a group outside `ForwardConfig` may have no other group in it. */
const weighted = ({ TargetGroupArn: _one, ...forward }: Action, groups: readonly WeightedGroup[]): Action => ({
  ...forward,
  ForwardConfig: { ...forward.ForwardConfig, TargetGroups: groups.map((group) => ({ ...group })) },
});

/** AWS does not report the secret of an OIDC client; this keeps the one that it has. */
function again({ AuthenticateOidcConfig: oidc, ...action }: Action): Action {
  if (oidc === undefined) return action;
  return { ...action, AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true } };
}
