import { proxyActivities, setCurrentDetails, setHandler, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { answerWords, type Check, type CheckAnswer, checkByName } from '../../rules/checks/check';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { beginRollback, ended, type FallbackRollback, withStep } from '../../rules/fallback/fallback';
import { findingsParameterOf } from '../../rules/fallback/findings-document';
import { describeRollback } from '../../rules/report/fallback';
import { causeOf } from '../cancellable';
import { askNamed } from '../checks';
import { deliverZero } from '../deliver-zero';
import type { FallbackInput, FindingsInput, FindingsResult } from '../messages';
import { fallbackQuery } from '../messages';
import { read } from '../proxies';

/** How long a check is asked again that may turn: instances may not know yet that the flag is off. */
const AGAIN_FOR_MS = 10 * 60_000;
const DRAIN_WITHIN_MS = 60 * 60_000;
const MORE_TRIES = 2;
const BETWEEN_TRIES_MS = 2_000;

const { writeFindings } = proxyActivities<Pick<Activities, 'writeFindings'>>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 6 },
});

type Found = { readonly ok: boolean; readonly why: string; readonly inFlight?: readonly string[] };

/**
 * Starts when the flag is at 0 %, which the rollout reaches on its own short way: remembers that findings are due before a
 * retry, then asks the checks of the plan's fallback one after the other. After a failed step the later ones still run.
 */
export async function fallback({ plan, by, reason, drain }: FallbackInput): Promise<FallbackRollback> {
  const { service, environment } = plan;
  const { name: to, checks } = plan.fallback ?? { name: 'the old side', checks: [] };
  const steps = checks.map((name) => ({ name, check: checkByName(plan.checks, name) }));
  let rollback = beginRollback({ service, environment, to, by, reason }, steps);
  setHandler(fallbackQuery, () => rollback);
  const show = (next: FallbackRollback): void => {
    rollback = next;
    setCurrentDetails(describeRollback(rollback));
  };
  const take = async (step: string, work: () => Promise<Found>): Promise<void> => {
    show(withStep(rollback, step, 'running'));
    const { ok, why, inFlight } = await work().catch((error: unknown): Found => ({ ok: false, why: causeOf(error) }));
    show(withStep({ ...rollback, inFlight: inFlight ?? rollback.inFlight }, step, ok ? 'done' : 'failed', why));
  };
  await take('traffic', () => flagIsOff(plan));
  await take('record', () => owe(plan, { atMs: Date.now(), by, reason, to }));
  for (const { name, check } of steps) await take(name, () => asked(plan, name, check, drain === true));
  show(ended(rollback));
  return rollback;
}

async function flagIsOff({ aws, flag }: EnvironmentPlan): Promise<Found> {
  const found = await read.readFlag({ aws, flag });
  if (!found.found) return { ok: false, why: found.why };
  const why = `the flag is at ${found.percentage} %, written by ${found.writer}`;
  return { ok: found.percentage === 0, why };
}

type RolledBack = NonNullable<Parameters<Activities['writeFindings']>[0]['rolledBack']>;

async function owe(plan: EnvironmentPlan, rolledBack: RolledBack): Promise<Found> {
  await writeFindings({ aws: plan.aws, parameter: findingsParameterOf(plan), rolledBack });
  return { ok: true, why: `a retry waits for \`rollout findings ${plan.environment} --file FINDINGS.md\`` };
}

/** For an API that knows only variables AWS reports the instances; executions under way are only shown, unless they drain. */
async function asked(plan: EnvironmentPlan, name: string, check: Check | undefined, drain: boolean): Promise<Found> {
  if (check?.kind === 'instances-on-old-side') {
    const delivered = await deliverZero(plan, AGAIN_FOR_MS);
    if (delivered !== undefined) return delivered;
  }
  const isShown = check?.kind === 'none-in-flight';
  const againForMs = isShown ? (drain ? DRAIN_WITHIN_MS : 0) : AGAIN_FOR_MS;
  const ask = (): Promise<CheckAnswer> => askNamed(name, check, { plan, sinceMs: Date.now(), againForMs });
  let answer = await ask();
  // Asked once, a single failed request would decide.
  for (let again = 0; answer.outcome === 'unknown' && againForMs === 0 && again < MORE_TRIES; again += 1) {
    await sleep(BETWEEN_TRIES_MS);
    answer = await ask();
  }
  const inFlight = isShown ? executionsOf(answer.evidence) : undefined;
  const ok = answer.outcome === 'yes' || (isShown && !drain && answer.outcome === 'no');
  return { ok, why: answerWords(answer), inFlight };
}

function executionsOf(evidence: CheckAnswer['evidence'] = {}): readonly string[] {
  return typeof evidence.executions === 'object' ? evidence.executions : [];
}

/** Workflow type `findings`: "Document findings before retry". */
export async function findings({ plan, by, text }: FindingsInput): Promise<FindingsResult> {
  const parameter = findingsParameterOf(plan);
  const document = await writeFindings({ aws: plan.aws, parameter, findings: { by, text, atMs: Date.now() } });
  return { document };
}
