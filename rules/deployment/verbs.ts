import { samePerson } from '../person';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { note } from '../rollout/state/log';
import { ticked } from '../rollout/checklist';
import type { Asker } from '../rollout/verbs/verb';
import { because, done, refused, same, type VerbOn } from '../rollout/verbs/verb';
import { consentToTemplate, listedIn } from './decide';
import type { DeploymentState } from './state';

type Verb = VerbOn<DeploymentState>;

const NAMELESS = 'give your name: --by NAME, or the field by';
const MOST_APPROVALS = 60;

/** A deployment that has begun can no longer be approved or rejected, only aborted. */
function tooLate({ phase, aborted, rejected }: DeploymentState): Verb | undefined {
  if (aborted !== undefined || rejected !== undefined || phase === 'ended')
    return refused('state', 'the deployment has ended', 'start another one');
  if (phase === 'deploying' || phase === 'verifying')
    return refused('state', `it is already ${phase}`, 'abort it to stop what is not done yet');
  return undefined;
}

/** > Production deployments require additional approval. One person approves exactly one template. */
export function approveDeployment(
  plan: EnvironmentPlan,
  state: DeploymentState,
  asked: Asker & { readonly template?: string },
): Verb {
  const { by, nowMs } = asked;
  if (by === undefined) return refused('name', 'an approval needs a name', NAMELESS);
  const late = tooLate(state);
  if (late !== undefined) return late;
  const template = state.synthesis?.template;
  if (template === undefined)
    return refused(
      'state',
      'there is no template to approve yet: the app is being synthesized',
      'try again in a moment',
    );
  const remedy = `read what it changes (\`rollout status ${plan.environment} --deployment\`), then --template ${template}`;
  if (asked.template === undefined)
    return refused('template', `the approval names no template; ${template} would be deployed`, remedy);
  if (asked.template !== template)
    return refused('template', `template ${template} would be deployed, not ${asked.template}`, remedy);
  const { required, given } = consentToTemplate(plan, state, nowMs);
  if (required === 0) return same(state, 'this deployment needs no approval');
  if (plan.deployment?.approvals.starterMayApprove !== true && samePerson(by, state.startedBy))
    return refused('approval', `${by} started this deployment and may not approve it`, 'ask another person to approve');
  if (given.some((one) => samePerson(one.by, by)))
    return same(state, `${by} has already approved template ${template}`);
  const approvals = [...state.gates.approvals.slice(1 - MOST_APPROVALS), { by, template, atMs: nowMs }];
  const what = `approved template ${template}${because(asked)}`;
  return done(
    note({ ...state, gates: { ...state.gates, approvals } }, { atMs: nowMs, what, by }),
    `${by} approved template ${template}: ${given.length + 1} of ${required}`,
  );
}

/** Ends the deployment; continuing needs a new one. */
export function rejectDeployment(state: DeploymentState, asked: Asker): Verb {
  const { by, reason, nowMs } = asked;
  if (by === undefined) return refused('name', 'a rejection needs a name', NAMELESS);
  if (reason === undefined)
    return refused('reason', 'a rejection needs a reason', 'give a reason: --reason TEXT, or the field reason');
  const late = tooLate(state);
  if (late !== undefined) return late;
  const what = `rejected the deployment: ${reason}`;
  return done(
    note({ ...state, rejected: { why: reason, by, sinceMs: nowMs } }, { atMs: nowMs, what, by }),
    `${by} ${what}`,
  );
}

/** > Pre-deployment Checklist. A named person vouches for an item. */
export function tickDeployment(
  plan: EnvironmentPlan,
  state: DeploymentState,
  asked: Asker & { readonly item?: string },
): Verb {
  const { by } = asked;
  if (by === undefined) return refused('name', 'a tick needs a name', NAMELESS);
  const { checklist } = listedIn(plan);
  return tooLate(state) ?? ticked('the checklist of a deployment here', checklist, state, { ...asked, by });
}
